#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"
#include "lab/cell.h"
#include "lab/clip_trace.h"
#include "lab/delivery_log.h"
#include "lab/row.h"

namespace mayfly {

// One run of a row on the wall clock, over real sockets and an emulated link with the channel that
// the virtual engine has for this cell and seed, from the first frame on. Takes as long as the
// clip. Moves the process, which must have one thread only, out of the machine's network: for
// processes made for it (ForkedRuns). Fails where the network or the sockets cannot be made, or the
// playout does not begin.
[[nodiscard]] Result<DeliveryLog> run_real(const ClipTrace& clip, const Cell& cell, const Row& row,
                                           uint64_t seed);

// Why the row cannot run in real time on this machine, in a sentence; empty: it can. Moves the
// process like run_real().
[[nodiscard]] std::string obstacle_to(const Row& row);

// The cell in which every lane shows every frame of a clip if the machine keeps up with real time.
[[nodiscard]] Cell self_check_cell(const ClipTrace& clip);

}  // namespace mayfly
