#include "demux/av1_pictures.h"

#include <algorithm>

namespace mayfly {
namespace {

enum UnitType : unsigned { kSequenceHeader = 1, kFrameHeader = 3, kFrame = 6 };
enum FrameType : unsigned { kKey = 0, kInter = 1, kIntraOnly = 2, kSwitch = 3 };
constexpr unsigned kSelect = 2;  // SELECT_SCREEN_CONTENT_TOOLS and SELECT_INTEGER_MV
constexpr unsigned kAllSlots = 0xFF;

// leb128() of 4.10.5, at most 8 bytes.
size_t read_size(ByteView bytes, size_t& at) {
  size_t value = 0;
  for (unsigned index = 0; index < 8 && at < bytes.size(); ++index) {
    const auto byte = std::to_integer<size_t>(bytes[at++]);
    value |= (byte & 0x7FU) << (7 * index);
    if ((byte & 0x80U) == 0) break;
  }
  return value;
}

// uvlc() of 4.10.3.
void skip_variable(BitReader& reader) {
  unsigned zeros = 0;
  while (!reader.failed() && !reader.flag()) ++zeros;
  if (zeros < 32) reader.skip(zeros);
}

}  // namespace

struct Av1Pictures::Found {
  CodedPicture picture;
  bool shown = false;
  bool any_frame = false;
};

struct Av1Pictures::Header {
  unsigned type = kKey;
  bool shows_existing = false;
  bool shown = true;
  unsigned existing_slot = 0;
  bool resilient = false;
  uint32_t order_hint = 0;
  unsigned refreshed = kAllSlots;
  bool size_override = false;
  std::array<unsigned, 7> slots{};
};

Av1Pictures::Av1Pictures(ByteView extradata) {
  // AV1CodecConfigurationRecord: four bytes, then units.
  const bool is_record = !extradata.empty() && extradata.front() == std::byte{0x81};
  Found ignored;
  if (extradata.size() > 4) read_units(is_record ? extradata.subspan(4) : extradata, ignored);
}

void Av1Pictures::read_units(ByteView bytes, Found& found) {
  size_t at = 0;
  while (at < bytes.size()) {
    const auto header = std::to_integer<unsigned>(bytes[at++]);
    const unsigned type = header >> 3U & 15U;
    const bool has_extension = (header & 4U) != 0;
    const bool has_size = (header & 2U) != 0;
    unsigned extension = 0;
    if (has_extension && at < bytes.size()) extension = std::to_integer<unsigned>(bytes[at++]);
    const size_t left = bytes.size() - at;
    size_t size = left;
    if (has_size) size = std::min(read_size(bytes, at), bytes.size() - at);
    const ByteView body = bytes.subspan(at, size);
    at += size;
    if (type == kSequenceHeader) read_sequence(body);
    if (type == kFrameHeader || type == kFrame) {
      read_frame(body, extension >> 5U, has_extension ? extension >> 3U & 3U : 0, found);
    }
  }
}

void Av1Pictures::read_timing(BitReader& reader, Sequence& sequence) {
  reader.skip(64);
  sequence.equal_picture_interval = reader.flag();
  if (sequence.equal_picture_interval) skip_variable(reader);
  sequence.has_decoder_model = reader.flag();
  if (!sequence.has_decoder_model) return;
  reader.skip(5 + 32);
  sequence.removal_time_bits = reader.bits(5) + 1;
  sequence.presentation_time_bits = reader.bits(5) + 1;
}

void Av1Pictures::read_sequence(ByteView body) {
  BitReader reader(body);
  Sequence sequence;
  reader.skip(3 + 1);
  sequence.reduced_still = reader.flag();
  if (sequence.reduced_still) {
    reader.skip(5);
    sequence.points.push_back({});
  } else {
    unsigned delay_bits = 0;
    if (reader.flag()) {
      const BitReader before = reader;
      read_timing(reader, sequence);
      if (sequence.has_decoder_model) {
        BitReader model = before;
        model.skip(64);
        if (model.flag()) skip_variable(model);
        model.skip(1);
        delay_bits = model.bits(5) + 1;
      }
    }
    const bool display_delay = reader.flag();
    const unsigned points = reader.bits(5) + 1;
    for (unsigned index = 0; index < points; ++index) {
      Sequence::OperatingPoint point;
      point.layers = reader.bits(12);
      if (reader.bits(5) > 7) reader.skip(1);
      if (sequence.has_decoder_model) {
        point.has_decoder_model = reader.flag();
        if (point.has_decoder_model) reader.skip(size_t{2} * delay_bits + 1);
      }
      if (display_delay && reader.flag()) reader.skip(4);
      sequence.points.push_back(point);
    }
  }
  const unsigned width_bits = reader.bits(4) + 1;
  const unsigned height_bits = reader.bits(4) + 1;
  reader.skip(width_bits + height_bits);
  if (!sequence.reduced_still) sequence.frame_ids_present = reader.flag();
  if (sequence.frame_ids_present) {
    sequence.delta_frame_id_bits = reader.bits(4) + 2;
    sequence.frame_id_bits = reader.bits(3) + sequence.delta_frame_id_bits + 1;
  }
  reader.skip(3);
  if (!sequence.reduced_still) {
    reader.skip(4);
    sequence.order_hint = reader.flag();
    if (sequence.order_hint) reader.skip(2);
    sequence.screen_content_tools = reader.flag() ? kSelect : reader.bits(1);
    if (sequence.screen_content_tools > 0) {
      sequence.integer_mv = reader.flag() ? kSelect : reader.bits(1);
    }
    if (sequence.order_hint) sequence.order_hint_bits = reader.bits(3) + 1;
  }
  if (!reader.failed()) sequence_ = std::move(sequence);
}

// get_relative_dist() of 7.8.
int Av1Pictures::relative(uint32_t one, uint32_t other) const {
  if (!sequence_->order_hint) return 0;
  const int middle = 1 << (sequence_->order_hint_bits - 1);
  const int difference = static_cast<int>(one) - static_cast<int>(other);
  return (difference & (middle - 1)) - (difference & middle);
}

// uncompressed_header() of 5.9.2.
bool Av1Pictures::read_header(BitReader& reader, Header& header, unsigned temporal,
                              unsigned spatial) const {
  const Sequence& sequence = *sequence_;
  if (!sequence.reduced_still) {
    header.shows_existing = reader.flag();
    if (header.shows_existing) {
      header.existing_slot = reader.bits(3);
      return !reader.failed();
    }
    header.type = reader.bits(2);
    header.shown = reader.flag();
    const bool has_time = sequence.has_decoder_model && !sequence.equal_picture_interval;
    if (header.shown && has_time) reader.skip(sequence.presentation_time_bits);
    if (!header.shown) reader.skip(1);
    const bool implied = header.type == kSwitch || (header.type == kKey && header.shown);
    header.resilient = implied || reader.flag();
  }
  reader.skip(1);
  const bool screen_content =
      sequence.screen_content_tools == kSelect ? reader.flag() : sequence.screen_content_tools != 0;
  if (screen_content && sequence.integer_mv == kSelect) reader.skip(1);
  if (sequence.frame_ids_present) reader.skip(sequence.frame_id_bits);
  header.size_override = header.type == kSwitch;
  if (header.type != kSwitch && !sequence.reduced_still) header.size_override = reader.flag();
  header.order_hint = reader.bits(sequence.order_hint_bits);
  const bool intra = header.type == kKey || header.type == kIntraOnly;
  if (!intra && !header.resilient) reader.skip(3);
  if (sequence.has_decoder_model && reader.flag()) {
    for (const auto& point : sequence.points) {
      const bool in_layers = point.layers == 0 || ((point.layers >> temporal & 1U) != 0 &&
                                                   (point.layers >> (spatial + 8) & 1U) != 0);
      if (point.has_decoder_model && in_layers) reader.skip(sequence.removal_time_bits);
    }
  }
  const bool refreshes_all = header.type == kSwitch || (header.type == kKey && header.shown);
  header.refreshed = refreshes_all ? kAllSlots : reader.bits(8);
  if (!intra || header.refreshed != kAllSlots) {
    if (header.resilient && sequence.order_hint) {
      reader.skip(size_t{8} * sequence.order_hint_bits);
    }
  }
  if (!intra) read_references(reader, header);
  return !reader.failed();
}

void Av1Pictures::read_references(BitReader& reader, Header& header) const {
  const bool short_signalling = sequence_->order_hint && reader.flag();
  if (short_signalling) {
    const unsigned last = reader.bits(3);
    const unsigned golden = reader.bits(3);
    header.slots = short_references(last, golden, header.order_hint);
    return;
  }
  for (unsigned& slot : header.slots) {
    slot = reader.bits(3);
    if (sequence_->frame_ids_present) reader.skip(sequence_->delta_frame_id_bits);
  }
}

// set_frame_refs() of 7.8: LAST, LAST2, LAST3, GOLDEN, BWDREF, ALTREF2, ALTREF.
std::array<unsigned, 7> Av1Pictures::short_references(unsigned last, unsigned golden,
                                                      uint32_t order_hint) const {
  constexpr unsigned kNone = 8;
  std::array<unsigned, 7> chosen{};
  chosen.fill(kNone);
  chosen[0] = last;
  chosen[3] = golden;
  std::array<bool, 8> used{};
  used[last] = used[golden] = true;
  // The unused slot, before or after the current frame, for which `better` holds against all.
  const auto find = [&](bool after, bool latest) {
    unsigned best = kNone;
    int best_distance = 0;
    for (unsigned slot = 0; slot < 8; ++slot) {
      const int distance = relative(slots_[slot].order_hint, order_hint);
      if (used[slot] || (distance >= 0) != after) continue;
      const bool better = latest ? distance >= best_distance : distance < best_distance;
      if (best == kNone || better) {
        best = slot;
        best_distance = distance;
      }
    }
    if (best != kNone) used[best] = true;
    return best;
  };
  chosen[6] = find(true, true);
  chosen[4] = find(true, false);
  chosen[5] = find(true, false);
  for (const size_t reference : {1U, 2U, 4U, 5U, 6U}) {
    if (chosen[reference] == kNone) chosen[reference] = find(false, true);
  }
  unsigned earliest = 0;
  for (unsigned slot = 1; slot < 8; ++slot) {
    if (relative(slots_[slot].order_hint, slots_[earliest].order_hint) < 0) earliest = slot;
  }
  for (unsigned& slot : chosen) {
    if (slot == kNone) slot = earliest;
  }
  return chosen;
}

void Av1Pictures::show_existing(unsigned slot, Found& found) {
  const Slot shown = slots_[slot];
  if (shown.holder && shown.holder->value() != count_) {
    add_reference(found.picture.references, *shown.holder);
  }
  found.picture.type = shown.type;
  found.shown = true;
  if (!shown.key) return;
  // A key frame that is shown late resets the slots then (7.21).
  found.picture.reference = true;
  for (Slot& each : slots_) each = {FrameNumber(count_), shown.type, true, shown.order_hint};
}

void Av1Pictures::read_frame(ByteView body, unsigned temporal, unsigned spatial, Found& found) {
  if (!sequence_) return;
  BitReader reader(body);
  Header header;
  if (!read_header(reader, header, temporal, spatial)) return;
  found.any_frame = true;
  if (header.shows_existing) {
    show_existing(header.existing_slot, found);
    return;
  }
  const FrameNumber own(count_);
  const bool intra = header.type == kKey || header.type == kIntraOnly;
  const bool key_start = header.type == kKey && header.shown;
  CodedPicture& picture = found.picture;
  if (!intra) {
    for (const unsigned slot : header.slots) {
      const auto& holder = slots_[slot].holder;
      if (holder && *holder != own) add_reference(picture.references, *holder);
    }
  }
  const PictureType type = intra ? PictureType::I : PictureType::P;
  picture.intra |= intra;
  picture.keyframe |= key_start;
  picture.reference |= header.refreshed != 0;
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    if ((header.refreshed >> slot & 1U) == 0) continue;
    slots_[slot] = {own, type, header.type == kKey, header.order_hint};
  }
  if (header.shown || !found.shown) picture.type = type;
  found.shown |= header.shown;
}

std::vector<CodedPicture> Av1Pictures::read(ByteView packet, bool container_keyframe) {
  Found found;
  CodedPicture& picture = found.picture;
  picture.bytes = packet.size();
  picture.reference = false;
  picture.display_order = count_;
  read_units(packet, found);
  if (!found.any_frame) {
    // Damage: some picture that cannot be read.
    picture.reference = true;
    picture.type = container_keyframe ? PictureType::I : PictureType::P;
    picture.intra = picture.keyframe = container_keyframe;
    if (count_ > 0 && !container_keyframe) picture.references.emplace_back(count_ - 1);
  } else if (!found.shown) {
    picture.type.reset();
  }
  ++count_;
  return {picture};
}

}  // namespace mayfly
