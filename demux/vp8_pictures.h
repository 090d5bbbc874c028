#pragma once

#include <array>

#include "demux/picture_parser.h"

namespace mayfly {

// VP8 (RFC 6386). Any inter frame may predict from the last, golden and alternate frames; which of
// them a frame replaces stands in its arithmetic-coded header, as does whether its probabilities
// stay for the frames after it. Frames that are never shown
// (alternate references) are packets of their own and have no picture type.
class Vp8Pictures final : public PictureParser {
 public:
  [[nodiscard]] std::vector<CodedPicture> read(ByteView packet, bool container_keyframe) override;
  [[nodiscard]] std::optional<int> reorder_depth() const override { return 0; }

 private:
  enum Buffer : size_t { kLast, kGolden, kAlternate };

  // RFC 6386 9.3 to 9.11; true when it changes anything that later frames need.
  [[nodiscard]] bool read_updates(ByteView partition);

  std::array<std::optional<FrameNumber>, 3> buffers_;
  // Who last copied a buffer or changed probabilities, segments or loop filter for good.
  std::optional<FrameNumber> state_;
  uint32_t count_ = 0;
};

}  // namespace mayfly
