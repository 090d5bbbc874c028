#pragma once

#include "demux/mpeg12_pictures.h"
#include "demux/picture_parser.h"

namespace mayfly {

// MPEG-4 part 2 (ISO 14496-2). Packets that hold a P picture and the B picture shown before it
// ("packed bitstream", as DivX and Xvid write into AVI) are split in two; pictures that are not
// coded (vop_coded = 0) stand for "nothing changed" or fill the place of a packed B picture, are
// never shown by decoders, and belong to the picture before them.
class Mpeg4Pictures final : public PictureParser {
 public:
  explicit Mpeg4Pictures(ByteView extradata);

  [[nodiscard]] std::vector<CodedPicture> read(ByteView packet, bool container_keyframe) override;
  [[nodiscard]] std::optional<int> reorder_depth() const override { return low_delay_ ? 0 : 1; }
  // From a packet of two pictures to the next one not coded, decoders hold one picture back. Where
  // that is missing at the end of a clip, as Xvid leaves it, the last one stays with them.
  [[nodiscard]] bool last_is_shown() const override { return !lags_; }

 private:
  void read_layer(ByteView header);
  [[nodiscard]] CodedPicture picture_from(ByteView header);

  AnchorChain chain_;
  bool low_delay_ = false;
  bool lags_ = false;                 // decoders are one picture behind the packets
  bool closed_gop_ = false;           // by a group header (GOV) whose first picture is to come
  unsigned time_increment_bits_ = 0;  // 0: no layer header yet
};

}  // namespace mayfly
