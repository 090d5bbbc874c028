#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/bytes.h"

namespace mayfly {

// Sequence parameter set (H.264 7.3.2.1.1), what of it matters to order and references.
struct H264Sequence {
  unsigned chroma_array_type = 1;
  bool separate_colour_planes = false;
  unsigned frame_num_bits = 4;
  unsigned poc_type = 0;
  unsigned poc_lsb_bits = 4;
  bool delta_poc_always_zero = false;
  int32_t offset_for_non_reference = 0;
  int32_t offset_top_to_bottom = 0;
  std::vector<int32_t> offsets_for_reference;  // of one POC cycle
  unsigned max_references = 0;
  bool gaps_allowed = false;
  bool frame_mbs_only = true;
  std::optional<unsigned> reorder_frames;  // VUI, where given
};

// Picture parameter set (7.3.2.2).
struct H264PictureSet {
  uint32_t sequence_id = 0;
  bool bottom_poc_present = false;
  std::array<unsigned, 2> default_references{1, 1};
  bool weighted_prediction = false;
  unsigned weighted_bi_prediction = 0;
  bool redundant_count_present = false;
};

enum class H264SliceType : uint8_t { P, B, I };

struct H264ListChange {
  unsigned kind = 0;  // modification_of_pic_nums_idc
  uint32_t value = 0;
};

struct H264Marking {
  unsigned operation = 0;  // memory_management_control_operation
  uint32_t first = 0;
  uint32_t second = 0;
};

// Slice header (7.3.3) as far as the reference picture marking.
struct H264Slice {
  bool idr = false;
  unsigned reference_idc = 0;  // nal_ref_idc
  H264SliceType type = H264SliceType::P;
  uint32_t frame_num = 0;
  bool field = false;
  bool bottom = false;
  uint32_t poc_lsb = 0;
  int32_t delta_poc_bottom = 0;
  std::array<int32_t, 2> delta_poc{};
  bool redundant = false;
  std::array<unsigned, 2> active_references{};
  std::array<std::vector<H264ListChange>, 2> list_changes;
  bool idr_long_term = false;
  bool adaptive_marking = false;
  std::vector<H264Marking> markings;
};

// The parameter sets of a stream so far, and slices read by them. Any bytes are taken.
class H264Headers {
 public:
  // `unit` begins with the NAL header byte. Broken sets leave the old ones.
  void read_sequence(ByteView unit);
  void read_picture_set(ByteView unit);
  // None when the header is broken or its parameter sets are not known. The pointer to the sequence
  // stays good until the next read_sequence().
  struct SliceAndSequence {
    H264Slice slice;
    const H264Sequence* sequence = nullptr;
  };
  [[nodiscard]] std::optional<SliceAndSequence> read_slice(ByteView unit) const;
  // Of the sequence read last.
  [[nodiscard]] std::optional<unsigned> reorder_frames() const { return reorder_frames_; }

 private:
  std::map<uint32_t, H264Sequence> sequences_;       // at most 32
  std::map<uint32_t, H264PictureSet> picture_sets_;  // at most 256
  std::optional<unsigned> reorder_frames_;
};

}  // namespace mayfly
