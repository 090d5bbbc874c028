#pragma once

#include <array>

#include "demux/picture_parser.h"

namespace mayfly {

// VP9 (bitstream specification v0.6). A packet is one frame, or a superframe of hidden frames and
// the one that is shown; it is one picture here, of the shown frame's type. The eight reference
// slots and the four probability contexts are tracked exactly. Keyframes are key frames; intra-only
// frames are I but leave slots of before in use. Inter frames that are not error resilient go on
// with motion vectors and segments of the frame before. So a frame that refreshes no slot is B only
// in streams whose frames are all error resilient.
class Vp9Pictures final : public PictureParser {
 public:
  [[nodiscard]] std::vector<CodedPicture> read(ByteView packet, bool container_keyframe) override;
  [[nodiscard]] std::optional<int> reorder_depth() const override { return 0; }

 private:
  struct Slot {
    std::optional<FrameNumber> holder;
    PictureType type = PictureType::P;
  };

  struct Header;  // of one frame

  // uncompressed_header() of 6.2, as far as the probability contexts; false when it is broken.
  [[nodiscard]] static bool read_header(ByteView frame, Header& header);
  void read_frame(ByteView frame, CodedPicture& picture, bool& shown);
  // What the frame needs and leaves beside the slots. Whether any frame may need what it leaves.
  [[nodiscard]] bool follow_state(const Header& header, CodedPicture& picture);
  void need(const std::optional<FrameNumber>& holder, CodedPicture& picture) const;

  std::array<Slot, 8> slots_;
  std::array<std::optional<FrameNumber>, 4> contexts_;  // whose probabilities they hold
  std::optional<FrameNumber> previous_;                 // in decode order
  bool any_goes_on_ = false;                            // some inter frame was not resilient
  uint32_t count_ = 0;
};

}  // namespace mayfly
