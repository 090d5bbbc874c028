#pragma once

#include <atomic>
#include <cstddef>

#include "core/result.h"
#include "lab/clip_trace.h"
#include "lab/experiment.h"

namespace mayfly {

// Whether this machine moves so many real runs at a time through a clean link without adding
// anything of its own: then each of them shows every frame.
struct SelfCheck {
  size_t lanes = 0;
  double least_q = 1;      // of the lane that showed least
  Duration most_behind{};  // of all lanes

  [[nodiscard]] bool is_passed() const { return least_q == 1; }
};

// The first two seconds of the clip, as bare UDP, in all lanes at once. Fails where they could not
// be run at all. `stop` as of ForkedRuns.
[[nodiscard]] Result<SelfCheck> check_lanes(const ClipTrace& clip, size_t lanes,
                                            const std::atomic<bool>& stop);

// Puts into the real rows why they cannot run on this machine, where they cannot.
void find_obstacles(Experiment& experiment);

}  // namespace mayfly
