#include "demux/vp9_pictures.h"

#include "demux/bit_reader.h"

namespace mayfly {
namespace {

// Annex B: the sizes of a superframe's frames stand at its end.
std::vector<ByteView> frames_of(ByteView packet) {
  if (packet.empty()) return {};
  const auto marker = std::to_integer<unsigned>(packet.back());
  const size_t count = (marker & 7U) + 1;
  const size_t size_bytes = (marker >> 3U & 3U) + 1;
  const size_t index_bytes = 2 + size_bytes * count;
  const bool is_superframe = (marker & 0xE0U) == 0xC0U && packet.size() >= index_bytes &&
                             packet[packet.size() - index_bytes] == packet.back();
  if (!is_superframe) return {packet};
  std::vector<ByteView> frames;
  ByteView index = packet.last(index_bytes).subspan(1);
  ByteView rest = packet.first(packet.size() - index_bytes);
  for (size_t frame = 0; frame < count; ++frame) {
    size_t size = 0;
    for (size_t byte = size_bytes; byte-- > 0;) {
      size = size << 8U | std::to_integer<size_t>(index[byte]);
    }
    index = index.subspan(size_bytes);
    if (size > rest.size()) break;
    if (size > 0) frames.push_back(rest.first(size));
    rest = rest.subspan(size);
  }
  return frames;
}

// color_config() of 6.2.
void skip_colour(BitReader& reader, unsigned profile) {
  constexpr unsigned kRgb = 7;
  if (profile >= 2) reader.skip(1);
  const bool rgb = reader.bits(3) == kRgb;
  if (!rgb) reader.skip(1);
  if (profile % 2 == 1) reader.skip(rgb ? 1 : 3);
}

// frame_size() and render_size().
void skip_sizes(BitReader& reader, bool told) {
  if (told) reader.skip(32);
  if (reader.flag()) reader.skip(32);
}

// frame_size_with_refs(): of the first reference that it names.
void skip_size_of_references(BitReader& reader) {
  bool found = false;
  for (int reference = 0; reference < 3 && !found; ++reference) found = reader.flag();
  skip_sizes(reader, !found);
}

}  // namespace

struct Vp9Pictures::Header {
  std::optional<unsigned> existing_slot;
  bool key = false;
  bool shown = false;
  bool resilient = false;
  bool intra = false;
  unsigned reset = 0;  // reset_frame_context
  unsigned refreshed = 0xFF;
  std::array<unsigned, 3> slots{};
  bool saves_context = false;
  unsigned context = 0;
};

bool Vp9Pictures::read_header(ByteView frame, Header& header) {
  constexpr unsigned kMarker = 2;
  BitReader reader(frame);
  if (reader.bits(2) != kMarker) return false;
  unsigned profile = reader.bits(1);
  profile |= reader.bits(1) << 1U;
  if (profile == 3) reader.skip(1);
  if (reader.flag()) {  // show_existing_frame
    header.existing_slot = reader.bits(3);
    return !reader.failed();
  }
  header.key = header.intra = !reader.flag();
  header.shown = reader.flag();
  header.resilient = reader.flag();
  if (header.key) {
    reader.skip(24);
    skip_colour(reader, profile);
    skip_sizes(reader, true);
  } else {
    header.intra = !header.shown && reader.flag();
    if (!header.resilient) header.reset = reader.bits(2);
    if (header.intra) {
      reader.skip(24);
      if (profile > 0) skip_colour(reader, profile);
    }
    header.refreshed = reader.bits(8);
    if (header.intra) {
      skip_sizes(reader, true);
    } else {
      for (unsigned& slot : header.slots) {
        slot = reader.bits(3);
        reader.skip(1);
      }
      skip_size_of_references(reader);
      reader.skip(1);
      if (!reader.flag()) reader.skip(2);
    }
  }
  if (!header.resilient) {
    header.saves_context = reader.flag();
    reader.skip(1);
  }
  header.context = reader.bits(2);
  return !reader.failed();
}

void Vp9Pictures::need(const std::optional<FrameNumber>& holder, CodedPicture& picture) const {
  if (holder && holder->value() != count_) add_reference(picture.references, *holder);
}

bool Vp9Pictures::follow_state(const Header& header, CodedPicture& picture) {
  constexpr unsigned kResetOne = 2;
  constexpr unsigned kResetAll = 3;
  const FrameNumber own(count_);
  unsigned context = header.context;
  // setup_past_independence() and what follows it in 7.2.
  if (header.intra || header.resilient) {
    if (header.key || header.resilient || header.reset == kResetAll) {
      contexts_.fill(own);
    } else if (header.reset == kResetOne) {
      contexts_[context] = own;
    }
    context = 0;
  } else {
    need(previous_, picture);
    any_goes_on_ = true;
  }
  need(contexts_[context], picture);
  if (header.saves_context) contexts_[context] = own;
  previous_ = own;
  return !header.resilient || any_goes_on_;
}

void Vp9Pictures::read_frame(ByteView frame, CodedPicture& picture, bool& shown) {
  Header header;
  if (!read_header(frame, header)) return;
  if (header.existing_slot) {
    const Slot& slot = slots_[*header.existing_slot];
    need(slot.holder, picture);
    picture.type = slot.type;
    shown = true;
    return;
  }
  if (!header.intra) {
    for (const unsigned slot : header.slots) need(slots_[slot].holder, picture);
  }
  const bool leaves_state = follow_state(header, picture);
  const PictureType type = header.intra ? PictureType::I : PictureType::P;
  picture.intra |= header.intra;
  picture.keyframe |= header.key;
  picture.reference |= header.refreshed != 0 || leaves_state;
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    if ((header.refreshed >> slot & 1U) != 0) slots_[slot] = {FrameNumber(count_), type};
  }
  if (header.shown || !shown) picture.type = type;
  shown |= header.shown;
}

std::vector<CodedPicture> Vp9Pictures::read(ByteView packet, bool /*container_keyframe*/) {
  CodedPicture picture;
  picture.bytes = packet.size();
  picture.reference = false;
  picture.display_order = count_;
  bool shown = false;
  for (const ByteView frame : frames_of(packet)) read_frame(frame, picture, shown);
  if (!shown) picture.type.reset();
  ++count_;
  return {picture};
}

}  // namespace mayfly
