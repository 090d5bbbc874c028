#pragma once

#include <cstdint>
#include <vector>

#include "core/units.h"
#include "lab/cell.h"

namespace mayfly {

// How many bytes a channel lets through by when, losses known: its delivery slots back to back, the
// lost ones without their bytes. For whoever knows the future.
class ChannelLog {
 public:
  // Of the cell's channel with this seed, for a clip of this rate, as far as `length`. A slot is a
  // full packet at the cell's rate, or an opportunity of its trace.
  ChannelLog(const Cell& cell, DataRate media_rate, uint64_t seed, Duration length);

  // Bytes through by `time` after the start, if something was always being sent.
  [[nodiscard]] double bytes_by(Duration time) const;

 private:
  struct Slot {
    Duration begin{};
    Duration end{};
    double bytes = 0;   // 0: lost
    double before = 0;  // of all slots before this one
  };
  void add(Duration begin, Duration end, double bytes, bool lost);

  std::vector<Slot> slots_;  // by end, without gaps between a rate's slots
};

}  // namespace mayfly
