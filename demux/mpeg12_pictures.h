#pragma once

#include "demux/picture_parser.h"

namespace mayfly {

// Follows the two anchors (I, P and S pictures) that MPEG-1, MPEG-2 and MPEG-4 part 2 know: a P
// picture needs the one before it, a B picture the one before and the one after it in presentation
// order, and B pictures are never references.
class AnchorChain {
 public:
  // Sets references, display order and number of the next picture. In a closed GOP the B pictures
  // shown before its first anchor do without the GOP before.
  void place(CodedPicture& picture, bool begins_closed_gop);
  [[nodiscard]] bool is_empty() const { return count_ == 0; }

 private:
  uint32_t count_ = 0;   // pictures so far
  int64_t anchors_ = 0;  // anchors so far
  int64_t between_ = 0;  // B pictures since the last anchor
  bool closed_ = false;  // the last anchor began a closed GOP
  std::optional<FrameNumber> newest_;
  std::optional<FrameNumber> older_;
};

// MPEG-1 and MPEG-2 video (ISO 11172-2, 13818-2). Two field pictures that make one frame are one
// picture here, whether they come in one packet or in two.
class Mpeg12Pictures final : public PictureParser {
 public:
  explicit Mpeg12Pictures(ByteView extradata);

  [[nodiscard]] std::vector<CodedPicture> read(ByteView packet, bool container_keyframe) override;
  [[nodiscard]] std::optional<int> reorder_depth() const override { return low_delay_ ? 0 : 1; }

 private:
  struct Headers;
  [[nodiscard]] Headers scan(ByteView packet);

  AnchorChain chain_;
  bool low_delay_ = false;
  bool awaits_second_field_ = false;
};

}  // namespace mayfly
