#include "demux/hevc_headers.h"

#include <algorithm>
#include <bit>

#include "demux/bit_reader.h"

namespace mayfly {
namespace {

constexpr uint32_t kMostSequences = 16;
constexpr uint32_t kMostParameters = 64;
constexpr size_t kMostPictures = 16;
constexpr int32_t kFarthestDelta = 1 << 15;

BitReader payload_reader(ByteView unit) {
  return BitReader(unit.subspan(std::min<size_t>(unit.size(), 2)),
                   BitReader::Escapes::EmulationPrevention);
}

unsigned bits_for(uint32_t count) {
  return count <= 1 ? 0 : static_cast<unsigned>(std::bit_width(count - 1));
}

// 7.3.3.
void skip_profile_tier_level(BitReader& reader, unsigned sub_layers) {
  reader.skip(88 + 8);
  if (sub_layers <= 1) return;
  std::array<bool, 8> profile{};
  std::array<bool, 8> level{};
  for (unsigned layer = 0; layer < sub_layers - 1; ++layer) {
    profile[layer] = reader.flag();
    level[layer] = reader.flag();
  }
  reader.skip(size_t{2} * (8 - (sub_layers - 1)));
  for (unsigned layer = 0; layer < sub_layers - 1; ++layer) {
    reader.skip((profile[layer] ? 88U : 0U) + (level[layer] ? 8U : 0U));
  }
}

// 7.3.4.
void skip_scaling_lists(BitReader& reader) {
  for (unsigned size = 0; size < 4; ++size) {
    for (unsigned matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1) {
      if (!reader.flag()) {
        static_cast<void>(reader.ue());
        continue;
      }
      if (size > 1) static_cast<void>(reader.se());
      const unsigned coefficients = std::min(64U, 1U << (4 + 2 * size));
      for (unsigned each = 0; each < coefficients; ++each) static_cast<void>(reader.se());
    }
  }
}

// 7.4.8, equations 7-61 and 7-62: a set told as the difference to one before.
std::optional<HevcPictureSet> predicted_set(BitReader& reader, const HevcPictureSet& from,
                                            int32_t delta) {
  const size_t known = from.before.size() + from.after.size();
  std::vector<std::pair<bool, bool>> flags;  // used, kept
  for (size_t index = 0; index <= known; ++index) {
    const bool used = reader.flag();
    flags.emplace_back(used, used || reader.flag());
  }
  HevcPictureSet set;
  const auto add = [&flags](std::vector<HevcPictureSet::Entry>& list, int32_t distance,
                            size_t index, bool fits) {
    if (fits && flags[index].second) list.push_back({distance, flags[index].first});
  };
  const size_t negatives = from.before.size();
  for (size_t index = from.after.size(); index-- > 0;) {
    const int32_t distance = from.after[index].delta + delta;
    add(set.before, distance, negatives + index, distance < 0);
  }
  add(set.before, delta, known, delta < 0);
  for (size_t index = 0; index < negatives; ++index) {
    const int32_t distance = from.before[index].delta + delta;
    add(set.before, distance, index, distance < 0);
  }
  for (size_t index = negatives; index-- > 0;) {
    const int32_t distance = from.before[index].delta + delta;
    add(set.after, distance, index, distance > 0);
  }
  add(set.after, delta, known, delta > 0);
  for (size_t index = 0; index < from.after.size(); ++index) {
    const int32_t distance = from.after[index].delta + delta;
    add(set.after, distance, negatives + index, distance > 0);
  }
  if (set.before.size() > kMostPictures || set.after.size() > kMostPictures) return std::nullopt;
  return set;
}

// 7.3.7. `in_slice` sets may choose which one they differ from.
std::optional<HevcPictureSet> read_picture_set(BitReader& reader,
                                               const std::vector<HevcPictureSet>& known,
                                               bool in_slice) {
  if (!known.empty() && reader.flag()) {
    const uint32_t back = in_slice ? reader.ue() + 1 : 1;
    const bool negative = reader.flag();
    const uint32_t distance = reader.ue() + 1;
    if (back > known.size() || distance > uint32_t{kFarthestDelta}) return std::nullopt;
    const auto delta = static_cast<int32_t>(distance);
    return predicted_set(reader, known[known.size() - back], negative ? -delta : delta);
  }
  HevcPictureSet set;
  const uint32_t negatives = reader.ue();
  const uint32_t positives = reader.ue();
  if (negatives > kMostPictures || positives > kMostPictures) return std::nullopt;
  const auto read = [&reader](std::vector<HevcPictureSet::Entry>& list, uint32_t count, int sign) {
    int32_t delta = 0;
    for (uint32_t index = 0; index < count; ++index) {
      const uint32_t distance = std::min(reader.ue() + 1, uint32_t{kFarthestDelta});
      delta += sign * static_cast<int32_t>(distance);
      list.push_back({delta, reader.flag()});
    }
  };
  read(set.before, negatives, -1);
  read(set.after, positives, 1);
  return reader.failed() ? std::nullopt : std::optional(std::move(set));
}

// Long-term pictures of a slice; their bits as the sequence says.
bool read_long_term(BitReader& reader, const HevcSequence& sequence, HevcSlice& slice) {
  const auto told = static_cast<uint32_t>(sequence.long_term.size());
  const uint32_t from_sequence = told > 0 ? reader.ue() : 0;
  const uint32_t own = reader.ue();
  if (from_sequence > 32 || own > 32 || from_sequence + own > 33) return false;
  for (uint32_t index = 0; index < from_sequence + own; ++index) {
    HevcSlice::LongTerm picture;
    if (index < from_sequence) {
      const uint32_t chosen = reader.bits(bits_for(told));
      if (chosen >= told) return false;
      picture.poc_lsb = sequence.long_term[chosen].first;
      picture.used = sequence.long_term[chosen].second;
    } else {
      picture.poc_lsb = reader.bits(sequence.poc_lsb_bits);
      picture.used = reader.flag();
    }
    if (reader.flag()) {
      uint32_t cycle = std::min(reader.ue(), uint32_t{1} << 24U);
      // The differences add up within each of the two groups (7-52).
      const bool first = index == 0 || index == from_sequence;
      if (!first) cycle += slice.long_term.back().msb_cycle.value_or(0);
      picture.msb_cycle = cycle;
    }
    slice.long_term.push_back(picture);
  }
  return !reader.failed();
}

bool is_idr(unsigned unit_type) { return unit_type == 19 || unit_type == 20; }

bool read_reference_pictures(BitReader& reader, const HevcSequence& sequence, HevcSlice& slice) {
  slice.poc_lsb = reader.bits(sequence.poc_lsb_bits);
  if (!reader.flag()) {
    auto set = read_picture_set(reader, sequence.picture_sets, true);
    if (!set) return false;
    slice.short_term = std::move(*set);
  } else {
    const auto count = static_cast<uint32_t>(sequence.picture_sets.size());
    const uint32_t chosen = reader.bits(bits_for(count));
    if (chosen >= count) return false;
    slice.short_term = sequence.picture_sets[chosen];
  }
  if (sequence.long_term_present && !read_long_term(reader, sequence, slice)) return false;
  if (sequence.temporal_mvp) reader.skip(1);
  return true;
}

uint32_t used_pictures(const HevcSlice& slice) {
  uint32_t used = 0;
  for (const auto& each : slice.short_term.before) used += each.used ? 1 : 0;
  for (const auto& each : slice.short_term.after) used += each.used ? 1 : 0;
  for (const auto& each : slice.long_term) used += each.used ? 1 : 0;
  return used;
}

void read_lists(BitReader& reader, const HevcPictureParameters& parameters, HevcSlice& slice) {
  const size_t lists = slice.type == HevcSliceType::B ? 2 : 1;
  slice.active_references = parameters.default_references;
  if (reader.flag()) {
    for (size_t list = 0; list < lists; ++list) slice.active_references[list] = reader.ue() + 1;
  }
  for (unsigned& active : slice.active_references) active = std::min<unsigned>(active, 16);
  const uint32_t used = used_pictures(slice);
  if (!parameters.list_changes_present || used <= 1) return;
  for (size_t list = 0; list < lists; ++list) {
    if (!reader.flag()) continue;
    auto& entries = slice.list_entries[list].emplace();
    for (unsigned entry = 0; entry < slice.active_references[list]; ++entry) {
      entries.push_back(reader.bits(bits_for(used)));
    }
  }
}

// From after the conformance window to the short-term sets.
bool read_sequence_tools(BitReader& reader, HevcSequence& sequence, uint32_t width,
                         uint32_t height) {
  sequence.poc_lsb_bits = reader.ue() + 4;
  const bool all_layers = reader.flag();
  for (unsigned layer = all_layers ? 0 : sequence.sub_layers - 1; layer < sequence.sub_layers;
       ++layer) {
    static_cast<void>(reader.ue());
    sequence.reorder_pictures = reader.ue();
    static_cast<void>(reader.ue());
  }
  const uint32_t smallest = reader.ue() + 3;
  const uint32_t block = smallest + reader.ue();
  if (reader.failed() || block > 6 || sequence.poc_lsb_bits > 16) return false;
  const auto across = [block](uint32_t samples) { return (samples + (1U << block) - 1U) >> block; };
  sequence.coding_blocks = across(width) * across(height);
  for (int field = 0; field < 4; ++field) static_cast<void>(reader.ue());
  if (reader.flag() && reader.flag()) skip_scaling_lists(reader);
  reader.skip(1);
  sequence.sample_adaptive_offset = reader.flag();
  if (reader.flag()) {
    reader.skip(8);
    static_cast<void>(reader.ue());
    static_cast<void>(reader.ue());
    reader.skip(1);
  }
  return !reader.failed();
}

bool read_sequence_sets(BitReader& reader, HevcSequence& sequence) {
  const uint32_t sets = reader.ue();
  if (sets > 64) return false;
  for (uint32_t index = 0; index < sets; ++index) {
    auto set = read_picture_set(reader, sequence.picture_sets, false);
    if (!set) return false;
    sequence.picture_sets.push_back(std::move(*set));
  }
  sequence.long_term_present = reader.flag();
  if (sequence.long_term_present) {
    const uint32_t count = reader.ue();
    if (count > 32) return false;
    for (uint32_t index = 0; index < count; ++index) {
      const uint32_t lsb = reader.bits(sequence.poc_lsb_bits);
      sequence.long_term.emplace_back(lsb, reader.flag());
    }
  }
  sequence.temporal_mvp = reader.flag();
  return !reader.failed();
}

void skip_tiles(BitReader& reader) {
  const uint32_t columns = reader.ue();
  const uint32_t rows = reader.ue();
  if (!reader.flag()) {
    for (uint32_t edge = 0; edge < columns && !reader.failed(); ++edge) {
      static_cast<void>(reader.ue());
    }
    for (uint32_t edge = 0; edge < rows && !reader.failed(); ++edge) {
      static_cast<void>(reader.ue());
    }
  }
  reader.skip(1);
}

}  // namespace

void HevcHeaders::read_sequence(ByteView unit) {
  constexpr uint32_t kLargestSide = 1U << 15;
  BitReader reader = payload_reader(unit);
  HevcSequence sequence;
  reader.skip(4);
  sequence.sub_layers = reader.bits(3) + 1;
  reader.skip(1);
  skip_profile_tier_level(reader, sequence.sub_layers);
  const uint32_t id = reader.ue();
  sequence.chroma_format = reader.ue();
  if (sequence.chroma_format == 3) sequence.separate_colour_planes = reader.flag();
  const uint32_t width = reader.ue();
  const uint32_t height = reader.ue();
  if (reader.flag()) {
    for (int side = 0; side < 4; ++side) static_cast<void>(reader.ue());
  }
  static_cast<void>(reader.ue());
  static_cast<void>(reader.ue());
  if (reader.failed() || id >= kMostSequences || width > kLargestSide || height > kLargestSide) {
    return;
  }
  if (!read_sequence_tools(reader, sequence, width, height)) return;
  if (!read_sequence_sets(reader, sequence)) return;
  reorder_pictures_ = std::min(sequence.reorder_pictures, 16U);
  sequences_[id] = std::move(sequence);
}

void HevcHeaders::read_picture_parameters(ByteView unit) {
  BitReader reader = payload_reader(unit);
  HevcPictureParameters parameters;
  const uint32_t id = reader.ue();
  parameters.sequence_id = reader.ue();
  parameters.dependent_slices = reader.flag();
  parameters.output_flag_present = reader.flag();
  parameters.extra_bits = reader.bits(3);
  reader.skip(2);
  for (unsigned& references : parameters.default_references) references = reader.ue() + 1;
  static_cast<void>(reader.se());
  reader.skip(2);
  if (reader.flag()) static_cast<void>(reader.ue());
  static_cast<void>(reader.se());
  static_cast<void>(reader.se());
  reader.skip(4);
  const bool tiles = reader.flag();
  reader.skip(1);
  if (tiles) skip_tiles(reader);
  reader.skip(1);
  if (reader.flag()) {
    reader.skip(1);
    if (!reader.flag()) {
      static_cast<void>(reader.se());
      static_cast<void>(reader.se());
    }
  }
  if (reader.flag()) skip_scaling_lists(reader);
  parameters.list_changes_present = reader.flag();
  if (reader.failed() || id >= kMostParameters || parameters.sequence_id >= kMostSequences) return;
  parameters_[id] = parameters;
}

std::optional<HevcHeaders::SliceAndSequence> HevcHeaders::read_slice(ByteView unit) const {
  if (unit.size() < 3) return std::nullopt;
  BitReader reader = payload_reader(unit);
  HevcSlice slice;
  slice.unit_type = std::to_integer<unsigned>(unit[0]) >> 1U & 63U;
  slice.temporal_id = (std::to_integer<unsigned>(unit[1]) & 7U) - 1U;
  if (slice.temporal_id > 6) return std::nullopt;
  slice.first_in_picture = reader.flag();
  if (slice.unit_type >= 16 && slice.unit_type <= 23) reader.skip(1);
  const auto parameters = parameters_.find(reader.ue());
  if (reader.failed() || parameters == parameters_.end()) return std::nullopt;
  const auto found = sequences_.find(parameters->second.sequence_id);
  if (found == sequences_.end()) return std::nullopt;
  const HevcSequence& sequence = found->second;
  if (!slice.first_in_picture) {
    if (parameters->second.dependent_slices) slice.dependent = reader.flag();
    reader.skip(bits_for(sequence.coding_blocks));
    if (slice.dependent) return SliceAndSequence{std::move(slice), &sequence};
  }
  reader.skip(parameters->second.extra_bits);
  const uint32_t type = reader.ue();
  if (reader.failed() || type > 2) return std::nullopt;
  slice.type = static_cast<HevcSliceType>(type);
  if (parameters->second.output_flag_present) reader.skip(1);
  if (sequence.separate_colour_planes) reader.skip(2);
  if (!is_idr(slice.unit_type) && !read_reference_pictures(reader, sequence, slice)) {
    return std::nullopt;
  }
  if (sequence.sample_adaptive_offset) {
    const bool chroma = sequence.chroma_format != 0 && !sequence.separate_colour_planes;
    reader.skip(chroma ? 2 : 1);
  }
  if (slice.type != HevcSliceType::I) read_lists(reader, parameters->second, slice);
  return SliceAndSequence{std::move(slice), &sequence};
}

}  // namespace mayfly
