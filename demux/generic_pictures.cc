#include "demux/generic_pictures.h"

namespace mayfly {
namespace {

// The next picture of a codec without reordering.
std::vector<CodedPicture> in_line(ByteView packet, uint32_t& count, bool intra) {
  CodedPicture picture;
  picture.bytes = packet.size();
  picture.type = intra ? PictureType::I : PictureType::P;
  picture.intra = picture.keyframe = intra;
  picture.display_order = count;
  if (!intra && count > 0) picture.references.emplace_back(count - 1);
  ++count;
  return {picture};
}

}  // namespace

std::vector<CodedPicture> GenericPictures::read(ByteView packet, bool container_keyframe) {
  return in_line(packet, count_, intra_only_ || container_keyframe);
}

std::vector<CodedPicture> MsMpeg4Pictures::read(ByteView packet, bool container_keyframe) {
  const bool intra =
      packet.empty() ? container_keyframe : std::to_integer<unsigned>(packet.front()) >> 6U == 0;
  return in_line(packet, count_, intra);
}

}  // namespace mayfly
