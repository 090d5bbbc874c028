#pragma once

#include <cstdint>

#include "core/random.h"

namespace mayfly {

// A seed for one part of an experiment, independent of those of other purposes.
[[nodiscard]] inline uint64_t derived_seed(uint64_t seed, uint64_t purpose) {
  return Random(seed).fork(purpose).bits();
}

// Randomness that is looked up instead of drawn: the number at a place depends on the seed and the
// place alone, not on what was asked before. So two senders with different packets meet the same
// channel, and one that sends more does not shift the fate of what follows.
class KeyedRandom {
 public:
  explicit KeyedRandom(uint64_t seed) : seed_(Random(seed).bits()) {}

  // In [0, 1), for the `index`-th packet of a slot of time; `purpose` separates the questions asked
  // about the same packet.
  [[nodiscard]] double uniform(uint64_t slot, uint64_t index, uint64_t purpose) const {
    const uint64_t place = mixed(mixed(mixed(seed_ ^ slot) + index) + purpose);
    return static_cast<double>(place >> 11) * 0x1.0p-53;
  }

 private:
  // The output function of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every
  // output bit.
  [[nodiscard]] static constexpr uint64_t mixed(uint64_t value) {
    value += 0x9e3779b97f4a7c15ULL;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
    return value ^ value >> 31;
  }

  uint64_t seed_;
};

// Where a packet stands in the channel's time: which millisecond, and the how-manieth packet in it.
struct ChannelSlot {
  uint64_t slot = 0;
  uint64_t index = 0;
};

}  // namespace mayfly
