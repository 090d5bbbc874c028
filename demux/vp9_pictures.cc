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

}  // namespace

// uncompressed_header() of 6.2, as far as the references.
void Vp9Pictures::read_frame(ByteView frame, CodedPicture& picture, bool& shown) {
  constexpr unsigned kMarker = 2;
  BitReader reader(frame);
  if (reader.bits(2) != kMarker) return;
  unsigned profile = reader.bits(1);
  profile |= reader.bits(1) << 1U;
  if (profile == 3) reader.skip(1);
  const FrameNumber own(count_);
  const auto need = [&](const Slot& slot) {
    if (slot.holder && *slot.holder != own) add_reference(picture.references, *slot.holder);
  };
  if (reader.flag()) {  // show_existing_frame
    const Slot& slot = slots_[reader.bits(3)];
    need(slot);
    picture.type = slot.type;
    shown = true;
    return;
  }
  const bool key = !reader.flag();
  const bool show = reader.flag();
  const bool resilient = reader.flag();
  bool intra = key;
  unsigned refreshed = 0xFF;
  std::array<unsigned, 3> used{};
  if (!key) {
    intra = !show && reader.flag();
    if (!resilient) reader.skip(2);
    if (intra) {
      reader.skip(24);
      if (profile > 0) skip_colour(reader, profile);
      refreshed = reader.bits(8);
    } else {
      refreshed = reader.bits(8);
      for (unsigned& slot : used) {
        slot = reader.bits(3);
        reader.skip(1);
      }
    }
  }
  if (reader.failed()) return;
  if (!intra) {
    for (const unsigned slot : used) need(slots_[slot]);
  }
  const PictureType type = intra ? PictureType::I : PictureType::P;
  picture.intra |= intra;
  picture.keyframe |= key;
  picture.reference |= refreshed != 0;
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    if ((refreshed >> slot & 1U) != 0) slots_[slot] = {own, type};
  }
  if (show || !shown) picture.type = type;
  shown |= show;
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
