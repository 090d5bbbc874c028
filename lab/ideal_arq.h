#pragma once

#include <vector>

#include "lab/cell.h"
#include "lab/clip_trace.h"

namespace mayfly {

// Which frames ARQ without flaw delivers in time on the channel of a cell and seed, in decode
// order: each packet leaves as if its frame had the link to itself, a loss is known at its would-be
// arrival, and the next try leaves a round trip after the last. Tries cost no capacity; losses and
// blackouts are those that everybody meets.
[[nodiscard]] std::vector<bool> ideal_arq_on_time(const ClipTrace& clip, const Cell& cell,
                                                  uint64_t seed);

}  // namespace mayfly
