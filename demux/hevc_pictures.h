#pragma once

#include "demux/hevc_headers.h"
#include "demux/picture_parser.h"

namespace mayfly {

// HEVC (ITU-T H.265), Annex B or length-prefixed by what the extradata says. Keyframes are the
// intra random access points (IDR, BLA, CRA) and pictures with a recovery point message (intra
// refresh), after which pictures are whole some way later and pass for decodable at once, as in
// H.264. References are those of the picture's own reference picture set that its lists can
// reach. Nothing depends on a picture whose NAL unit type says that its sub-layer does not refer to
// it, provided there is no higher sub-layer that might.
class HevcPictures final : public PictureParser {
 public:
  explicit HevcPictures(ByteView extradata);

  [[nodiscard]] std::vector<CodedPicture> read(ByteView packet, bool container_keyframe) override;
  [[nodiscard]] std::optional<int> reorder_depth() const override;

 private:
  struct Found;  // what one packet holds
  struct Kept {
    int64_t order = 0;
    FrameNumber number;
  };

  void read_configuration(ByteView record);
  void read_unit(ByteView unit, Found& found);
  void read_slice(ByteView unit, Found& found);
  void begin_picture(const HevcSlice& slice, const HevcSequence& sequence, Found& found);
  [[nodiscard]] int64_t order_of(const HevcSlice& slice, const HevcSequence& sequence);
  // The kept pictures that the slice's set names and its picture itself uses: before, after and
  // long-term. All that the set does not name are forgotten.
  struct Usable {
    std::vector<FrameNumber> before, after, long_term;
  };
  [[nodiscard]] Usable usable(const HevcSlice& slice, const HevcSequence& sequence);
  void collect(const HevcSlice& slice, const Usable& usable,
               std::vector<FrameNumber>& references) const;

  HevcHeaders headers_;
  unsigned length_bytes_ = 0;
  std::vector<Kept> kept_;  // the decoded picture buffer, at most 33
  uint32_t count_ = 0;
  int64_t sequence_ = 0;  // grows where the picture order count begins anew
  bool begins_sequence_ = true;
  bool rasl_follow_start_ = false;  // the last random access point began a sequence
  int64_t previous_order_ = 0;      // of the last picture that counts (8.3.1)
  int64_t order_ = 0;               // of the current picture
  struct Recovery {
    FrameNumber number;
    int64_t display_order = 0;
  };
  std::optional<Recovery> recovery_;
};

}  // namespace mayfly
