#pragma once

#include <array>

#include "demux/picture_parser.h"

namespace mayfly {

// VP9 (bitstream specification v0.6). A packet is one frame, or a superframe of hidden frames and
// the one that is shown; it is one picture here, of the shown frame's type. The eight reference
// slots are tracked exactly. Keyframes are key frames; intra-only frames are I but leave slots of
// before in use.
class Vp9Pictures final : public PictureParser {
 public:
  [[nodiscard]] std::vector<CodedPicture> read(ByteView packet, bool container_keyframe) override;
  [[nodiscard]] std::optional<int> reorder_depth() const override { return 0; }

 private:
  struct Slot {
    std::optional<FrameNumber> holder;
    PictureType type = PictureType::P;
  };

  void read_frame(ByteView frame, CodedPicture& picture, bool& shown);

  std::array<Slot, 8> slots_;
  uint32_t count_ = 0;
};

}  // namespace mayfly
