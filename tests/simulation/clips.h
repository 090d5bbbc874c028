#pragma once

#include <cstdint>

#include "demux/synthetic_source.h"

namespace mayfly {

// Ten seconds at 25 pictures a second, a group of pictures every second: I 24 kB, 8 P of 8 kB, 16 B
// of 2.5 kB, each within 30 %. That is 1.02 Mbit/s, of which I pictures are 19 % and P pictures
// half.
[[nodiscard]] inline SyntheticShape megabit_clip(uint64_t seed = 1) {
  SyntheticShape shape;
  shape.pattern = "IPBBPBBPBBPBBPBBPBBPBBPBB";
  shape.size_spread = 0.3;
  shape.seed = seed;
  return shape;
}

// The same at half the rate.
[[nodiscard]] inline SyntheticShape half_megabit_clip(uint64_t seed = 1) {
  SyntheticShape shape = megabit_clip(seed);
  shape.i_bytes /= 2;
  shape.p_bytes /= 2;
  shape.b_bytes /= 2;
  return shape;
}

}  // namespace mayfly
