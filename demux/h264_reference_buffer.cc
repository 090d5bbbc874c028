#include "demux/h264_reference_buffer.h"

#include <algorithm>

#include "demux/picture_parser.h"

namespace mayfly {
namespace {

// What a broken stream may pile up beyond max_num_ref_frames.
constexpr size_t kMostEntries = 17;

// More wraps than a stream of a thousand years has; products with it do not overflow.
constexpr int64_t kLargestFrameNumOffset = int64_t{1} << 29;

int64_t most_frame_nums(const H264Sequence& sequence) {
  return int64_t{1} << sequence.frame_num_bits;
}

}  // namespace

std::array<int64_t, 2> H264PictureOrder::next(const H264Slice& slice,
                                              const H264Sequence& sequence) {
  if (slice.idr) previous_msb_ = previous_lsb_ = frame_num_offset_ = previous_frame_num_ = 0;
  std::array<int64_t, 2> order{};
  if (sequence.poc_type == 0) {
    const int64_t range = int64_t{1} << sequence.poc_lsb_bits;
    const int64_t lsb = slice.poc_lsb;
    int64_t msb = previous_msb_;
    if (lsb < previous_lsb_ && previous_lsb_ - lsb >= range / 2) msb += range;
    if (lsb > previous_lsb_ && lsb - previous_lsb_ > range / 2) msb -= range;
    order = {msb + lsb, msb + lsb + (slice.field ? 0 : slice.delta_poc_bottom)};
    if (slice.reference_idc != 0) {
      previous_msb_ = msb;
      previous_lsb_ = lsb;
    }
    return order;
  }
  if (!slice.idr && previous_frame_num_ > slice.frame_num) {
    frame_num_offset_ =
        std::min(frame_num_offset_ + most_frame_nums(sequence), kLargestFrameNumOffset);
  }
  previous_frame_num_ = slice.frame_num;
  const int64_t frame_num = frame_num_offset_ + slice.frame_num;
  if (sequence.poc_type == 2) {
    const int64_t count = slice.idr ? 0 : 2 * frame_num - (slice.reference_idc == 0 ? 1 : 0);
    return {count, count};
  }
  const int64_t expected = expected_type_1(frame_num, slice, sequence);
  order[0] = expected + slice.delta_poc[0];
  order[1] = slice.field ? expected + sequence.offset_top_to_bottom + slice.delta_poc[0]
                         : order[0] + sequence.offset_top_to_bottom + slice.delta_poc[1];
  return order;
}

int64_t H264PictureOrder::expected_type_1(int64_t frame_num, const H264Slice& slice,
                                          const H264Sequence& sequence) const {
  const auto& offsets = sequence.offsets_for_reference;
  const auto cycle = static_cast<int64_t>(offsets.size());
  int64_t absolute = cycle == 0 ? 0 : frame_num;
  if (slice.reference_idc == 0 && absolute > 0) --absolute;
  int64_t expected = 0;
  if (absolute > 0) {
    int64_t whole = 0;
    for (const int32_t offset : offsets) whole += offset;
    expected = (absolute - 1) / cycle * whole;
    for (int64_t index = 0; index <= (absolute - 1) % cycle; ++index) {
      expected += offsets[static_cast<size_t>(index)];
    }
  }
  return expected + (slice.reference_idc == 0 ? sequence.offset_for_non_reference : 0);
}

int64_t H264PictureOrder::restart(const std::array<int64_t, 2>& order, const H264Slice& slice) {
  const int64_t base = slice.field ? order[slice.bottom ? 1 : 0] : std::min(order[0], order[1]);
  previous_msb_ = 0;
  previous_lsb_ = slice.bottom ? 0 : order[0] - base;
  frame_num_offset_ = previous_frame_num_ = 0;
  return 0;
}

unsigned H264ReferenceBuffer::structure_of(const H264Slice& slice) {
  if (!slice.field) return kFrame;
  return slice.bottom ? kBottom : kTop;
}

void H264ReferenceBuffer::begin(const H264Slice& slice, const H264Sequence& sequence) {
  if (slice.idr) {
    entries_.clear();
    previous_frame_num_ = 0;
    return;
  }
  const int64_t range = most_frame_nums(sequence);
  const int64_t frame_num = slice.frame_num;
  const int64_t expected = (previous_frame_num_ + 1) % range;
  if (!sequence.gaps_allowed || frame_num == previous_frame_num_ || frame_num == expected) return;
  // Only the last of a long gap stay.
  const int64_t gap = (frame_num - expected + range) % range;
  const auto kept = std::min<int64_t>(gap, std::max(sequence.max_references, 1U));
  for (int64_t left = kept; left > 0; --left) {
    slide(sequence);
    Entry missing;
    missing.exists = false;
    missing.frame_num = (frame_num - left + range) % range;
    entries_.push_back(missing);
  }
  previous_frame_num_ = (frame_num - 1 + range) % range;
}

int64_t H264ReferenceBuffer::wrapped(const Entry& entry, const H264Slice& slice,
                                     const H264Sequence& sequence) const {
  return entry.frame_num > slice.frame_num ? entry.frame_num - most_frame_nums(sequence)
                                           : entry.frame_num;
}

int64_t H264ReferenceBuffer::order_of(const Entry& entry) const {
  if (entry.fields == kTop) return entry.order[0];
  if (entry.fields == kBottom) return entry.order[1];
  return std::min(entry.order[0], entry.order[1]);
}

// 8.2.4.2.5: fields of alternating parity, beginning with that of the current one.
H264ReferenceBuffer::List H264ReferenceBuffer::alternate_fields(const std::vector<size_t>& frames,
                                                                unsigned structure) const {
  List fields;
  std::array<size_t, 2> at{};
  const std::array<unsigned, 2> parities = {structure, kFrame ^ structure};
  const auto advance = [&](size_t which) {
    while (at[which] < frames.size() &&
           (entries_[frames[at[which]]].fields & parities[which]) == 0) {
      ++at[which];
    }
    return at[which] < frames.size();
  };
  size_t which = 0;
  while (advance(which)) {
    fields.push_back({frames[at[which]++], parities[which]});
    which = 1 - which;
  }
  which = 1 - which;
  while (advance(which)) fields.push_back({frames[at[which]++], parities[which]});
  return fields;
}

void H264ReferenceBuffer::append(List& list, const std::vector<size_t>& frames,
                                 const H264Slice& slice) const {
  if (slice.field) {
    const List fields = alternate_fields(frames, structure_of(slice));
    list.insert(list.end(), fields.begin(), fields.end());
    return;
  }
  for (const size_t entry : frames) {
    if (entries_[entry].fields == kFrame) list.push_back({entry, kFrame});
  }
}

H264ReferenceBuffer::List H264ReferenceBuffer::initial_list(size_t list, const H264Slice& slice,
                                                            const H264Sequence& sequence,
                                                            int64_t order) const {
  std::vector<size_t> before;  // short-term; for P pictures all of them
  std::vector<size_t> after;
  std::vector<size_t> long_term;
  const bool is_b = slice.type == H264SliceType::B;
  for (size_t entry = 0; entry < entries_.size(); ++entry) {
    if (entries_[entry].long_term) {
      long_term.push_back(entry);
    } else if (is_b && order_of(entries_[entry]) > order) {
      after.push_back(entry);
    } else {
      before.push_back(entry);
    }
  }
  const auto by = [&](auto key) {
    return
        [this, key](size_t one, size_t other) { return key(entries_[one]) < key(entries_[other]); };
  };
  const auto nearest_before = by([this](const Entry& entry) { return -order_of(entry); });
  const auto latest = by([&](const Entry& entry) { return -wrapped(entry, slice, sequence); });
  is_b ? std::sort(before.begin(), before.end(), nearest_before)
       : std::sort(before.begin(), before.end(), latest);
  std::sort(after.begin(), after.end(), by([this](const Entry& entry) { return order_of(entry); }));
  std::sort(long_term.begin(), long_term.end(),
            by([](const Entry& entry) { return entry.long_index; }));
  std::vector<size_t> short_term = list == 0 ? before : after;
  const auto& rest = list == 0 ? after : before;
  short_term.insert(short_term.end(), rest.begin(), rest.end());
  List result;
  append(result, short_term, slice);
  append(result, long_term, slice);
  return result;
}

std::optional<H264ReferenceBuffer::Candidate> H264ReferenceBuffer::find(
    bool long_term, int64_t picture_number, const H264Slice& slice,
    const H264Sequence& sequence) const {
  unsigned structure = structure_of(slice);
  if (slice.field && (picture_number & 1) == 0) structure ^= kFrame;
  const int64_t wanted = slice.field ? picture_number >> 1 : picture_number;
  for (size_t index = 0; index < entries_.size(); ++index) {
    const Entry& entry = entries_[index];
    if (entry.long_term != long_term || (entry.fields & structure) != structure) continue;
    const int64_t number = long_term ? entry.long_index : wrapped(entry, slice, sequence);
    if (number == wanted) return Candidate{index, structure};
  }
  return std::nullopt;
}

// 8.2.4.3.
void H264ReferenceBuffer::change(List& list, const std::vector<H264ListChange>& changes,
                                 const H264Slice& slice, const H264Sequence& sequence) const {
  constexpr unsigned kLongTerm = 2;
  const int64_t range = most_frame_nums(sequence) * (slice.field ? 2 : 1);
  const int64_t current = slice.field ? 2 * int64_t{slice.frame_num} + 1 : slice.frame_num;
  int64_t predicted = current;
  size_t at = 0;
  for (const H264ListChange& each : changes) {
    if (each.kind > kLongTerm) continue;
    int64_t number = each.value;
    if (each.kind != kLongTerm) {
      const int64_t distance = int64_t{each.value} + 1;
      predicted = (predicted + (each.kind == 0 ? -distance : distance) % range + range) % range;
      number = predicted > current ? predicted - range : predicted;
    }
    const auto chosen = find(each.kind == kLongTerm, number, slice, sequence);
    if (!chosen) continue;
    at = std::min(at, list.size());
    const auto inserted = list.insert(list.begin() + static_cast<std::ptrdiff_t>(at++), *chosen);
    list.erase(std::remove(inserted + 1, list.end(), *chosen), list.end());
  }
}

void H264ReferenceBuffer::collect(const H264Slice& slice, const H264Sequence& sequence,
                                  int64_t order, FrameNumber current,
                                  std::vector<FrameNumber>& references) const {
  if (slice.type == H264SliceType::I) return;
  const size_t lists = slice.type == H264SliceType::B ? 2 : 1;
  List first;
  for (size_t which = 0; which < lists; ++which) {
    List list = initial_list(which, slice, sequence, order);
    if (which == 0) first = list;
    if (which == 1 && list.size() > 1 && list == first) std::swap(list[0], list[1]);
    if (list.size() > slice.active_references[which]) list.resize(slice.active_references[which]);
    change(list, slice.list_changes[which], slice, sequence);
    if (list.size() > slice.active_references[which]) list.resize(slice.active_references[which]);
    for (const Candidate& candidate : list) {
      const Entry& entry = entries_[candidate.entry];
      if (entry.exists && entry.number != current) add_reference(references, entry.number);
    }
  }
}

void H264ReferenceBuffer::slide(const H264Sequence& sequence) {
  const size_t most = std::clamp<size_t>(sequence.max_references, 1, kMostEntries - 1);
  while (entries_.size() >= most) {
    const auto oldest = std::find_if(entries_.begin(), entries_.end(),
                                     [](const Entry& entry) { return !entry.long_term; });
    entries_.erase(oldest == entries_.end() ? entries_.begin() : oldest);
  }
}

void H264ReferenceBuffer::drop_fields(std::optional<Candidate> candidate) {
  if (!candidate) return;
  Entry& entry = entries_[candidate->entry];
  entry.fields &= ~candidate->structure;
  if (entry.fields == 0) {
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(candidate->entry));
  }
}

void H264ReferenceBuffer::drop_long_index(int64_t index, FrameNumber except) {
  std::erase_if(entries_, [&](const Entry& entry) {
    return entry.long_term && entry.long_index == index && entry.number != except;
  });
}

// 8.2.5.4.
void H264ReferenceBuffer::apply(const H264Marking& marking, const H264Slice& slice,
                                const H264Sequence& sequence, FrameNumber current) {
  const int64_t current_number = slice.field ? 2 * int64_t{slice.frame_num} + 1 : slice.frame_num;
  const int64_t short_number = current_number - (int64_t{marking.first} + 1);
  switch (marking.operation) {
    case 1: drop_fields(find(false, short_number, slice, sequence)); return;
    case 2: drop_fields(find(true, marking.first, slice, sequence)); return;
    case 3: {
      const auto chosen = find(false, short_number, slice, sequence);
      if (!chosen) return;
      const FrameNumber number = entries_[chosen->entry].number;
      drop_long_index(marking.second, number);
      for (Entry& entry : entries_) {
        if (entry.number != number || !entry.exists) continue;
        entry.long_term = true;
        entry.long_index = marking.second;
      }
      return;
    }
    case 4:
      std::erase_if(entries_, [&](const Entry& entry) {
        return entry.long_term && entry.long_index >= int64_t{marking.first};
      });
      return;
    case 5: entries_.clear(); return;
    case 6: drop_long_index(marking.first, current); return;
    default: return;
  }
}

void H264ReferenceBuffer::mark(const H264Slice& slice, const H264Sequence& sequence,
                               const std::array<int64_t, 2>& order, FrameNumber current) {
  Entry entry;
  entry.number = current;
  entry.fields = structure_of(slice);
  entry.frame_num = slice.frame_num;
  entry.order = order;
  entry.long_term = slice.idr && slice.idr_long_term;
  const auto first_field = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& each) {
    return each.exists && each.number == current;
  });
  const bool is_second = slice.field && first_field != entries_.end();
  if (is_second && !slice.adaptive_marking) {
    first_field->order[slice.bottom ? 1 : 0] = order[slice.bottom ? 1 : 0];
    first_field->fields |= entry.fields;
    previous_frame_num_ = slice.frame_num;
    return;
  }
  if (!slice.adaptive_marking && !slice.idr) slide(sequence);
  for (const H264Marking& marking : slice.markings) {
    apply(marking, slice, sequence, current);
    if (marking.operation == 5) entry.frame_num = 0;
    if (marking.operation == 6) {
      entry.long_term = true;
      entry.long_index = marking.first;
    }
  }
  previous_frame_num_ = entry.frame_num;
  for (Entry& each : entries_) {
    if (!each.exists || each.number != current) continue;
    each.order[slice.bottom ? 1 : 0] = order[slice.bottom ? 1 : 0];
    each.fields |= entry.fields;
    return;
  }
  if (entries_.size() >= kMostEntries) entries_.erase(entries_.begin());
  entries_.push_back(entry);
}

}  // namespace mayfly
