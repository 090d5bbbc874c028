#include "demux/h264_headers.h"

#include <algorithm>

#include "demux/bit_reader.h"

namespace mayfly {
namespace {

constexpr uint32_t kMostSequences = 32;
constexpr uint32_t kMostPictureSets = 256;
constexpr unsigned kMostListEntries = 32;
constexpr unsigned kExtendedAspect = 255;

BitReader payload_reader(ByteView unit) {
  return BitReader(unit.empty() ? unit : unit.subspan(1), BitReader::Escapes::EmulationPrevention);
}

bool has_chroma_format(unsigned profile) {
  constexpr std::array<unsigned, 13> kHigh = {100, 110, 122, 244, 44,  83, 86,
                                              118, 128, 138, 139, 134, 135};
  return std::find(kHigh.begin(), kHigh.end(), profile) != kHigh.end();
}

void skip_scaling_list(BitReader& reader, int size) {
  int next = 8;
  for (int index = 0; index < size && next != 0 && !reader.failed(); ++index) {
    next = (next + reader.se() % 256 + 256) % 256;
  }
}

void read_chroma_format(BitReader& reader, H264Sequence& sequence) {
  sequence.chroma_array_type = reader.ue();
  const bool is_444 = sequence.chroma_array_type == 3;
  if (is_444) sequence.separate_colour_planes = reader.flag();
  static_cast<void>(reader.ue());
  static_cast<void>(reader.ue());
  reader.skip(1);
  if (reader.flag()) {
    for (int list = 0; list < (is_444 ? 12 : 8); ++list) {
      if (reader.flag()) skip_scaling_list(reader, list < 6 ? 16 : 64);
    }
  }
  if (sequence.separate_colour_planes) sequence.chroma_array_type = 0;
}

void skip_hrd(BitReader& reader) {
  const uint32_t count = reader.ue() + 1;
  reader.skip(8);
  for (uint32_t index = 0; index < count && !reader.failed(); ++index) {
    static_cast<void>(reader.ue());
    static_cast<void>(reader.ue());
    reader.skip(1);
  }
  reader.skip(20);
}

// E.1.1. Broken or missing fields give no answer.
std::optional<unsigned> read_reorder_frames(BitReader& reader) {
  if (reader.flag() && reader.bits(8) == kExtendedAspect) reader.skip(32);
  if (reader.flag()) reader.skip(1);
  if (reader.flag()) {
    reader.skip(4);
    if (reader.flag()) reader.skip(24);
  }
  if (reader.flag()) {
    static_cast<void>(reader.ue());
    static_cast<void>(reader.ue());
  }
  if (reader.flag()) reader.skip(65);
  const bool nal_hrd = reader.flag();
  if (nal_hrd) skip_hrd(reader);
  const bool vcl_hrd = reader.flag();
  if (vcl_hrd) skip_hrd(reader);
  if (nal_hrd || vcl_hrd) reader.skip(1);
  reader.skip(1);
  if (!reader.flag()) return std::nullopt;
  reader.skip(1);
  for (int field = 0; field < 4; ++field) static_cast<void>(reader.ue());
  const uint32_t reorder = reader.ue();
  if (reader.failed() || reorder > 16) return std::nullopt;
  return reorder;
}

void skip_slice_groups(BitReader& reader, uint32_t groups_less_one) {
  const uint32_t type = reader.ue();
  if (type == 0) {
    for (uint32_t group = 0; group <= groups_less_one; ++group) static_cast<void>(reader.ue());
  } else if (type == 2) {
    for (uint32_t group = 0; group < 2 * groups_less_one; ++group) static_cast<void>(reader.ue());
  } else if (type >= 3 && type <= 5) {
    reader.skip(1);
    static_cast<void>(reader.ue());
  } else if (type == 6) {
    const uint32_t units = reader.ue() + 1;
    const unsigned bits = groups_less_one > 3 ? 3 : groups_less_one > 1 ? 2 : 1;
    for (uint32_t unit = 0; unit < units && !reader.failed(); ++unit) reader.skip(bits);
  }
}

H264SliceType slice_type_from(uint32_t code) {
  switch (code % 5) {
    case 1: return H264SliceType::B;
    case 2:
    case 4: return H264SliceType::I;
    default: return H264SliceType::P;  // 0, and 3: SP
  }
}

void read_poc(BitReader& reader, const H264Sequence& sequence, const H264PictureSet& set,
              H264Slice& slice) {
  if (sequence.poc_type == 0) {
    slice.poc_lsb = reader.bits(sequence.poc_lsb_bits);
    if (set.bottom_poc_present && !slice.field) slice.delta_poc_bottom = reader.se();
  } else if (sequence.poc_type == 1 && !sequence.delta_poc_always_zero) {
    slice.delta_poc[0] = reader.se();
    if (set.bottom_poc_present && !slice.field) slice.delta_poc[1] = reader.se();
  }
}

void read_list_changes(BitReader& reader, std::vector<H264ListChange>& changes) {
  if (!reader.flag()) return;
  constexpr unsigned kEnd = 3;
  while (!reader.failed() && changes.size() <= kMostListEntries) {
    const uint32_t kind = reader.ue();
    if (kind == kEnd) return;
    changes.push_back({kind, reader.ue()});
  }
}

void skip_weights(BitReader& reader, const H264Sequence& sequence, const H264Slice& slice) {
  const bool chroma = sequence.chroma_array_type != 0;
  static_cast<void>(reader.ue());
  if (chroma) static_cast<void>(reader.ue());
  for (size_t list = 0; list < (slice.type == H264SliceType::B ? 2U : 1U); ++list) {
    for (unsigned entry = 0; entry < slice.active_references[list]; ++entry) {
      for (int pairs : {1, chroma ? 2 : 0}) {
        if (pairs == 0 || !reader.flag()) continue;
        for (int value = 0; value < 2 * pairs; ++value) static_cast<void>(reader.se());
      }
    }
  }
}

void read_marking(BitReader& reader, H264Slice& slice) {
  if (slice.idr) {
    reader.skip(1);
    slice.idr_long_term = reader.flag();
    return;
  }
  slice.adaptive_marking = reader.flag();
  if (!slice.adaptive_marking) return;
  constexpr size_t kMostMarkings = 66;
  while (!reader.failed() && slice.markings.size() < kMostMarkings) {
    H264Marking marking;
    marking.operation = reader.ue();
    if (marking.operation == 0) return;
    if (marking.operation != 5) marking.first = reader.ue();
    if (marking.operation == 3) marking.second = reader.ue();
    slice.markings.push_back(marking);
  }
}

void read_references(BitReader& reader, const H264Sequence& sequence, const H264PictureSet& set,
                     H264Slice& slice) {
  const bool is_b = slice.type == H264SliceType::B;
  if (is_b) reader.skip(1);
  slice.active_references = set.default_references;
  if (reader.flag()) {
    slice.active_references[0] = reader.ue() + 1;
    if (is_b) slice.active_references[1] = reader.ue() + 1;
  }
  for (unsigned& active : slice.active_references) active = std::min(active, kMostListEntries);
  read_list_changes(reader, slice.list_changes[0]);
  if (is_b) read_list_changes(reader, slice.list_changes[1]);
  const bool weighted = is_b ? set.weighted_bi_prediction == 1 : set.weighted_prediction;
  if (weighted) skip_weights(reader, sequence, slice);
}

}  // namespace

void H264Headers::read_sequence(ByteView unit) {
  BitReader reader = payload_reader(unit);
  H264Sequence sequence;
  const unsigned profile = reader.bits(8);
  reader.skip(16);
  const uint32_t id = reader.ue();
  if (has_chroma_format(profile)) read_chroma_format(reader, sequence);
  sequence.frame_num_bits = reader.ue() + 4;
  sequence.poc_type = reader.ue();
  if (sequence.poc_type == 0) {
    sequence.poc_lsb_bits = reader.ue() + 4;
  } else if (sequence.poc_type == 1) {
    sequence.delta_poc_always_zero = reader.flag();
    sequence.offset_for_non_reference = reader.se();
    sequence.offset_top_to_bottom = reader.se();
    const uint32_t cycle = reader.ue();
    if (cycle > 255) return;
    for (uint32_t index = 0; index < cycle; ++index) {
      sequence.offsets_for_reference.push_back(reader.se());
    }
  }
  sequence.max_references = reader.ue();
  sequence.gaps_allowed = reader.flag();
  static_cast<void>(reader.ue());
  static_cast<void>(reader.ue());
  sequence.frame_mbs_only = reader.flag();
  if (!sequence.frame_mbs_only) reader.skip(1);
  reader.skip(1);
  if (reader.flag()) {
    for (int side = 0; side < 4; ++side) static_cast<void>(reader.ue());
  }
  const bool valid = !reader.failed() && id < kMostSequences && sequence.frame_num_bits <= 16 &&
                     sequence.poc_lsb_bits <= 16 && sequence.poc_type <= 2 &&
                     sequence.max_references <= 16;
  if (!valid) return;
  if (reader.flag()) sequence.reorder_frames = read_reorder_frames(reader);
  reorder_frames_ = sequence.reorder_frames;
  sequences_[id] = std::move(sequence);
}

void H264Headers::read_picture_set(ByteView unit) {
  BitReader reader = payload_reader(unit);
  H264PictureSet set;
  const uint32_t id = reader.ue();
  set.sequence_id = reader.ue();
  reader.skip(1);
  set.bottom_poc_present = reader.flag();
  const uint32_t groups_less_one = reader.ue();
  if (groups_less_one > 7) return;
  if (groups_less_one > 0) skip_slice_groups(reader, groups_less_one);
  for (unsigned& references : set.default_references) {
    references = std::min(reader.ue() + 1, kMostListEntries);
  }
  set.weighted_prediction = reader.flag();
  set.weighted_bi_prediction = reader.bits(2);
  for (int quantiser = 0; quantiser < 3; ++quantiser) static_cast<void>(reader.se());
  reader.skip(2);
  set.redundant_count_present = reader.flag();
  if (reader.failed() || id >= kMostPictureSets || set.sequence_id >= kMostSequences) return;
  picture_sets_[id] = set;
}

std::optional<H264Headers::SliceAndSequence> H264Headers::read_slice(ByteView unit) const {
  if (unit.empty()) return std::nullopt;
  BitReader reader = payload_reader(unit);
  H264Slice slice;
  const auto header = std::to_integer<unsigned>(unit.front());
  slice.idr = (header & 31U) == 5;
  slice.reference_idc = header >> 5U & 3U;
  static_cast<void>(reader.ue());
  slice.type = slice_type_from(reader.ue());
  const auto set = picture_sets_.find(reader.ue());
  if (reader.failed() || set == picture_sets_.end()) return std::nullopt;
  const auto sequence = sequences_.find(set->second.sequence_id);
  if (sequence == sequences_.end()) return std::nullopt;
  if (sequence->second.separate_colour_planes) reader.skip(2);
  slice.frame_num = reader.bits(sequence->second.frame_num_bits);
  if (!sequence->second.frame_mbs_only) {
    slice.field = reader.flag();
    if (slice.field) slice.bottom = reader.flag();
  }
  if (slice.idr) static_cast<void>(reader.ue());
  read_poc(reader, sequence->second, set->second, slice);
  if (set->second.redundant_count_present) slice.redundant = reader.ue() > 0;
  if (reader.failed()) return std::nullopt;
  if (slice.type != H264SliceType::I) {
    read_references(reader, sequence->second, set->second, slice);
  }
  if (slice.reference_idc != 0) read_marking(reader, slice);
  return SliceAndSequence{std::move(slice), &sequence->second};
}

}  // namespace mayfly
