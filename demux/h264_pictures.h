#pragma once

#include "demux/h264_headers.h"
#include "demux/h264_reference_buffer.h"
#include "demux/nal_units.h"
#include "demux/picture_parser.h"

namespace mayfly {

// H.264 (ITU-T H.264), Annex B or length-prefixed by what the extradata says. Two fields of one
// frame are one picture, in one packet or in two.
//
// Keyframes, where decoding can start, are: IDR pictures; pictures with a recovery point message,
// also where they are P pictures (intra refresh); and, in streams that sent neither so far, intra
// pictures that others refer to.
// The picture of a recovery point and those shown after it do not name references from before it:
// from recovery_frame_cnt pictures later on they come out right without (D.2.8). What is shown
// until then is whole only where nothing before was lost, and passes for decodable all the same: a
// decoder must be given it to become whole, which references to single pictures cannot say.
// Pictures shown before a recovery point keep theirs.
class H264Pictures final : public PictureParser {
 public:
  explicit H264Pictures(ByteView extradata);

  [[nodiscard]] std::vector<CodedPicture> read(ByteView packet, bool container_keyframe) override;
  [[nodiscard]] std::optional<int> reorder_depth() const override;

 private:
  struct Found;  // what one packet holds
  struct Recovery {
    FrameNumber number;
    int64_t display_order = 0;
  };

  void read_configuration(ByteView record);
  void read_unit(ByteView unit, Found& found);
  void read_slice(ByteView unit, Found& found);
  void begin_picture(const H264Headers::SliceAndSequence& read, Found& found);
  [[nodiscard]] bool is_second_field(const H264Slice& slice) const;
  void end_picture();
  void settle(Found& found, CodedPicture& picture);

  H264Headers headers_;
  unsigned length_bytes_ = 0;
  H264PictureOrder order_;
  H264ReferenceBuffer buffer_;
  uint32_t count_ = 0;
  int64_t sequence_ = 0;  // grows where the picture order count begins anew
  bool saw_recovery_points_ = false;
  bool saw_idr_ = false;
  std::optional<Recovery> recovery_;
  // Where reading began, unless with an IDR picture.
  std::optional<int64_t> open_start_;

  // The picture whose slices are being read.
  std::optional<H264Slice> open_;
  H264Sequence open_sequence_;
  std::array<int64_t, 2> open_order_{};
  bool first_field_waits_ = false;
  bool in_second_field_ = false;
};

}  // namespace mayfly
