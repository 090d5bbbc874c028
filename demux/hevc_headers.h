#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/bytes.h"

namespace mayfly {

// A short-term reference picture set (H.265 7.3.7): which earlier pictures stay, by the distance of
// their order counts, nearest first on each side.
struct HevcPictureSet {
  struct Entry {
    int32_t delta = 0;
    bool used = false;  // by the current picture itself
  };
  std::vector<Entry> before;  // at most 16
  std::vector<Entry> after;   // at most 16
};

// Sequence parameter set (7.3.2.2), what of it matters to order and references.
struct HevcSequence {
  unsigned sub_layers = 1;
  bool separate_colour_planes = false;
  unsigned chroma_format = 1;
  unsigned poc_lsb_bits = 4;
  unsigned reorder_pictures = 0;
  uint32_t coding_blocks = 1;  // PicSizeInCtbsY
  bool sample_adaptive_offset = false;
  std::vector<HevcPictureSet> picture_sets;  // at most 64
  bool long_term_present = false;
  std::vector<std::pair<uint32_t, bool>> long_term;  // order count's low bits, used; at most 32
  bool temporal_mvp = false;
};

// Picture parameter set (7.3.2.3).
struct HevcPictureParameters {
  uint32_t sequence_id = 0;
  bool dependent_slices = false;
  bool output_flag_present = false;
  unsigned extra_bits = 0;
  std::array<unsigned, 2> default_references{1, 1};
  bool list_changes_present = false;
};

enum class HevcSliceType : uint8_t { B, P, I };

// Slice segment header (7.3.6.1) as far as the reference lists.
struct HevcSlice {
  unsigned unit_type = 0;
  unsigned temporal_id = 0;
  bool first_in_picture = false;
  bool dependent = false;  // says nothing of its own
  HevcSliceType type = HevcSliceType::I;
  uint32_t poc_lsb = 0;
  HevcPictureSet short_term;
  struct LongTerm {
    uint32_t poc_lsb = 0;
    bool used = false;
    std::optional<uint32_t> msb_cycle;
  };
  std::vector<LongTerm> long_term;  // at most 33
  std::array<unsigned, 2> active_references{};
  std::array<std::optional<std::vector<uint32_t>>, 2> list_entries;
};

// The parameter sets of a stream so far, and slices read by them. Any bytes are taken; units begin
// with the two bytes of the NAL header.
class HevcHeaders {
 public:
  struct SliceAndSequence {
    HevcSlice slice;
    const HevcSequence* sequence = nullptr;  // good until the next read_sequence()
  };

  void read_sequence(ByteView unit);
  void read_picture_parameters(ByteView unit);
  // None when the header is broken or its parameter sets are not known.
  [[nodiscard]] std::optional<SliceAndSequence> read_slice(ByteView unit) const;
  // Of the sequence read last.
  [[nodiscard]] std::optional<unsigned> reorder_pictures() const { return reorder_pictures_; }

 private:
  std::map<uint32_t, HevcSequence> sequences_;            // at most 16
  std::map<uint32_t, HevcPictureParameters> parameters_;  // at most 64
  std::optional<unsigned> reorder_pictures_;
};

}  // namespace mayfly
