#include "client/recent_frames.h"

namespace mayfly {

void RecentFrames::add(FrameNumber number) {
  const uint32_t value = number.value();
  if (is_forgotten(number)) return;
  if (empty_ || value > newest_) {
    if (!empty_) forget_between(newest_, value);
    newest_ = value;
    empty_ = false;
  }
  const uint32_t slot = value % kWindow;
  bits_[slot / kWordBits] |= uint64_t{1} << slot % kWordBits;
}

bool RecentFrames::contains(FrameNumber number) const {
  const uint32_t value = number.value();
  if (empty_ || value > newest_ || newest_ - value >= kWindow) return false;
  const uint32_t slot = value % kWindow;
  return (bits_[slot / kWordBits] >> slot % kWordBits & 1) != 0;
}

void RecentFrames::forget_between(uint32_t from, uint32_t to) {
  if (to - from >= kWindow) {
    bits_.fill(0);
    return;
  }
  for (uint32_t value = from + 1; value != to; ++value) {
    const uint32_t slot = value % kWindow;
    bits_[slot / kWordBits] &= ~(uint64_t{1} << slot % kWordBits);
  }
  const uint32_t slot = to % kWindow;
  bits_[slot / kWordBits] &= ~(uint64_t{1} << slot % kWordBits);
}

}  // namespace mayfly
