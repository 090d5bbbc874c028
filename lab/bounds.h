#pragma once

#include <cstdint>

#include "lab/cell.h"
#include "lab/clip_trace.h"

namespace mayfly {

// What stands beside every row of a cell and seed, computed on the channel that they meet; each is
// a share of all frames, on time and decodable.
struct Bounds {
  double floor = 0;      // bare UDP, paced, nothing sent again
  double ideal_arq = 0;  // ARQ without flaw, on a link each frame has to itself
  double fec_20 = 0;     // an MDS code of a fifth more, nothing sent again
  double oracle = 0;     // the most that fits the channel, its losses known beforehand

  // No transport without redundancy beats this one.
  [[nodiscard]] double ceiling() const { return ideal_arq < oracle ? ideal_arq : oracle; }
  friend bool operator==(const Bounds&, const Bounds&) = default;
};

[[nodiscard]] Bounds bounds_of(const ClipTrace& clip, const Cell& cell, uint64_t seed);

// Where the oracle shows less, the cell is physically impossible: flagged, not scored.
inline constexpr double kImpossibleBelow = 0.05;

}  // namespace mayfly
