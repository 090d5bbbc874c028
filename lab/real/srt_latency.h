#pragma once

#include <algorithm>

#include "lab/cell.h"

namespace mayfly {

// SRT gives out every packet when its latency has passed, not when it came. Without this much less
// than the deadline allows, the moment its thread needs to do so would make every frame late.
inline constexpr Duration kSrtHandOver = 10ms;

// From a packet's sending to its being given out: D = d + latency, less the handing over.
[[nodiscard]] inline Duration srt_total_delay(const Cell& cell) {
  return std::max(cell.playout_delay - kSrtHandOver, cell.one_way());
}

}  // namespace mayfly
