#pragma once

#include "demux/picture_parser.h"

namespace mayfly {

// For codecs whose headers are not read: what the container marks as key is I, the rest are P, each
// depending on the picture before.
class GenericPictures final : public PictureParser {
 public:
  explicit GenericPictures(bool intra_only) : intra_only_(intra_only) {}

  [[nodiscard]] std::vector<CodedPicture> read(ByteView packet, bool container_keyframe) override;

 private:
  bool intra_only_;
  uint32_t count_ = 0;
};

// MPEG-4 as Microsoft had it, versions 2 and 3 ("DIV3"): the picture type stands in the first two
// bits, and there are no B pictures.
class MsMpeg4Pictures final : public PictureParser {
 public:
  [[nodiscard]] std::vector<CodedPicture> read(ByteView packet, bool container_keyframe) override;
  [[nodiscard]] std::optional<int> reorder_depth() const override { return 0; }

 private:
  uint32_t count_ = 0;
};

}  // namespace mayfly
