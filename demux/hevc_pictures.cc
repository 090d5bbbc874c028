#include "demux/hevc_pictures.h"

#include <algorithm>

#include "demux/nal_units.h"

namespace mayfly {
namespace {

enum UnitType : unsigned {
  kFirstReservedReference = 16,  // below: even numbers are not referred to in their sub-layer
  kRadlN = 6,
  kRaslN = 8,
  kRaslR = 9,
  kBlaFirst = 16,
  kBlaLast = 18,
  kIdrWithRadl = 19,
  kIdrAlone = 20,
  kCra = 21,
  kLastSlice = 21,
  kSequenceSet = 33,
  kPictureSet = 34,
  kEndOfSequence = 36,
  kPrefixSei = 39,
};

constexpr int64_t kPlacesPerSequence = int64_t{1} << 34;
constexpr size_t kMostKept = 33;

bool is_slice(ByteView unit) {
  return (std::to_integer<unsigned>(unit.front()) >> 1U & 63U) <= kLastSlice;
}
bool is_random_access(unsigned type) { return type >= kBlaFirst && type <= kCra; }
bool is_leading(unsigned type) { return type >= kRadlN && type <= kRaslR; }
bool is_sub_layer_reference(unsigned type) {
  return type >= kFirstReservedReference || type % 2 == 1;
}

PictureType type_of(HevcSliceType type) {
  switch (type) {
    case HevcSliceType::B: return PictureType::B;
    case HevcSliceType::P: return PictureType::P;
    case HevcSliceType::I: return PictureType::I;
  }
  return PictureType::I;
}

}  // namespace

struct HevcPictures::Found {
  CodedPicture picture;
  bool has_slices = false;
  bool has_unread_slice = false;
  bool all_intra = true;
  bool random_access = false;
  bool recovery = false;
  bool has_other_units = false;
};

HevcPictures::HevcPictures(ByteView extradata) {
  if (!extradata.empty() && extradata.front() == std::byte{1}) {
    read_configuration(extradata);
    return;
  }
  Found ignored;
  NalUnits units(extradata, 0);
  while (const auto unit = units.next()) {
    if (!is_slice(*unit)) read_unit(*unit, ignored);
  }
}

// HEVCDecoderConfigurationRecord, ISO 14496-15 8.3.3.1.
void HevcPictures::read_configuration(ByteView record) {
  ByteReader reader(record);
  static_cast<void>(reader.take(21));
  length_bytes_ = (reader.u8() & 3U) + 1;
  const unsigned arrays = reader.u8();
  Found ignored;
  for (unsigned array = 0; array < arrays && !reader.failed(); ++array) {
    static_cast<void>(reader.u8());
    const unsigned units = reader.u16();
    for (unsigned index = 0; index < units && !reader.failed(); ++index) {
      const ByteView unit = reader.take(reader.u16());
      if (unit.size() > 2 && !is_slice(unit)) read_unit(unit, ignored);
    }
  }
}

std::optional<int> HevcPictures::reorder_depth() const {
  const auto told = headers_.reorder_pictures();
  return told ? std::optional(static_cast<int>(*told)) : std::nullopt;
}

void HevcPictures::read_unit(ByteView unit, Found& found) {
  if (unit.size() < 2) return;
  const unsigned type = std::to_integer<unsigned>(unit[0]) >> 1U & 63U;
  const unsigned layer =
      (std::to_integer<unsigned>(unit[0]) & 1U) << 5U | std::to_integer<unsigned>(unit[1]) >> 3U;
  if (layer > 0) return;  // enhancement layers (Annex F) are not the picture
  if (type <= kLastSlice) {
    read_slice(unit, found);
    return;
  }
  found.has_other_units = true;
  switch (type) {
    case kSequenceSet: headers_.read_sequence(unit); break;
    case kPictureSet: headers_.read_picture_parameters(unit); break;
    case kEndOfSequence: begins_sequence_ = true; break;
    case kPrefixSei: found.recovery |= has_recovery_point(unit.subspan(2)); break;
    default: break;
  }
}

// 8.3.1.
int64_t HevcPictures::order_of(const HevcSlice& slice, const HevcSequence& sequence) {
  const int64_t range = int64_t{1} << sequence.poc_lsb_bits;
  const int64_t previous_lsb = previous_order_ & (range - 1);
  int64_t msb = previous_order_ - previous_lsb;
  const int64_t lsb = slice.poc_lsb;
  if (begins_sequence_) {
    msb = 0;
  } else if (lsb < previous_lsb && previous_lsb - lsb >= range / 2) {
    msb += range;
  } else if (lsb > previous_lsb && lsb - previous_lsb > range / 2) {
    msb -= range;
  }
  const int64_t order = msb + lsb;
  const bool counts = slice.temporal_id == 0 && !is_leading(slice.unit_type) &&
                      is_sub_layer_reference(slice.unit_type);
  if (counts) previous_order_ = order;
  return order;
}

void HevcPictures::begin_picture(const HevcSlice& slice, const HevcSequence& sequence,
                                 Found& found) {
  found.random_access = is_random_access(slice.unit_type);
  if (found.random_access && slice.unit_type != kCra) begins_sequence_ = true;
  if (found.random_access) rasl_follow_start_ = begins_sequence_;
  if (begins_sequence_ && found.random_access) {
    ++sequence_;
    kept_.clear();
  }
  order_ = order_of(slice, sequence);
  begins_sequence_ = false;
  CodedPicture& picture = found.picture;
  picture.display_order = sequence_ * kPlacesPerSequence + order_;
  picture.type = type_of(slice.type);
  picture.misses_reference =
      rasl_follow_start_ && (slice.unit_type == kRaslN || slice.unit_type == kRaslR);
  picture.reference =
      is_sub_layer_reference(slice.unit_type) || slice.temporal_id + 1 < sequence.sub_layers;
  found.has_slices = true;
}

HevcPictures::Usable HevcPictures::usable(const HevcSlice& slice, const HevcSequence& sequence) {
  const int64_t range = int64_t{1} << sequence.poc_lsb_bits;
  Usable result;
  std::vector<Kept> named;
  const auto take = [&](auto matches, bool used, std::vector<FrameNumber>& list) {
    const auto found = std::find_if(kept_.begin(), kept_.end(), matches);
    if (found == kept_.end()) return;
    named.push_back(*found);
    if (used) list.push_back(found->number);
  };
  for (const auto* side : {&slice.short_term.before, &slice.short_term.after}) {
    auto& list = side == &slice.short_term.before ? result.before : result.after;
    for (const auto& each : *side) {
      take([&](const Kept& kept) { return kept.order == order_ + each.delta; }, each.used, list);
    }
  }
  for (const auto& each : slice.long_term) {
    if (each.msb_cycle) {
      const int64_t full = order_ - (order_ & (range - 1)) - *each.msb_cycle * range + each.poc_lsb;
      take([&](const Kept& kept) { return kept.order == full; }, each.used, result.long_term);
    } else {
      take([&](const Kept& kept) { return (kept.order & (range - 1)) == each.poc_lsb; }, each.used,
           result.long_term);
    }
  }
  kept_ = std::move(named);
  return result;
}

// 8.3.4.
void HevcPictures::collect(const HevcSlice& slice, const Usable& usable,
                           std::vector<FrameNumber>& references) const {
  for (size_t list = 0; list < (slice.type == HevcSliceType::B ? 2U : 1U); ++list) {
    std::vector<FrameNumber> order;
    const auto& near = list == 0 ? usable.before : usable.after;
    const auto& far = list == 0 ? usable.after : usable.before;
    order.insert(order.end(), near.begin(), near.end());
    order.insert(order.end(), far.begin(), far.end());
    order.insert(order.end(), usable.long_term.begin(), usable.long_term.end());
    const auto& chosen = slice.list_entries[list];
    for (unsigned entry = 0; entry < slice.active_references[list]; ++entry) {
      const size_t index = chosen ? (*chosen)[entry] : entry;
      if (index < order.size()) add_reference(references, order[index]);
    }
  }
}

void HevcPictures::read_slice(ByteView unit, Found& found) {
  const auto read = headers_.read_slice(unit);
  // A dependent slice says nothing of its picture.
  found.has_unread_slice |= !read || read->slice.dependent;
  if (!read || read->slice.dependent) return;
  const HevcSlice& slice = read->slice;
  const bool first = !found.has_slices;
  if (first) begin_picture(slice, *read->sequence, found);
  found.all_intra &= slice.type == HevcSliceType::I;
  const Usable pictures = usable(slice, *read->sequence);
  if (slice.type != HevcSliceType::I) collect(slice, pictures, found.picture.references);
}

std::vector<CodedPicture> HevcPictures::read(ByteView packet, bool container_keyframe) {
  Found found;
  NalUnits units(packet, length_bytes_);
  while (const auto unit = units.next()) read_unit(*unit, found);
  CodedPicture& picture = found.picture;
  picture.bytes = packet.size();
  if (!found.has_slices && !found.has_unread_slice && found.has_other_units) {
    picture.part = CodedPicture::Part::Preamble;
    return {picture};
  }
  const FrameNumber number(count_++);
  if (!found.has_slices) {
    // Damage: some picture that cannot be read.
    picture.type = container_keyframe ? PictureType::I : PictureType::P;
    picture.intra = picture.keyframe = container_keyframe;
    picture.display_order = sequence_ * kPlacesPerSequence + order_;
    if (number.value() > 0 && !container_keyframe) {
      picture.references.emplace_back(number.value() - 1);
    }
    return {picture};
  }
  picture.intra = found.all_intra;
  picture.keyframe = found.random_access || found.recovery;
  if (found.random_access) {
    recovery_.reset();
  } else if (found.recovery) {
    picture.references.clear();
    recovery_ = Recovery{number, picture.display_order};
  } else if (recovery_ && picture.display_order > recovery_->display_order) {
    std::erase_if(picture.references,
                  [&](FrameNumber needed) { return needed < recovery_->number; });
  }
  kept_.push_back({order_, number});
  if (kept_.size() > kMostKept) kept_.erase(kept_.begin());
  return {picture};
}

}  // namespace mayfly
