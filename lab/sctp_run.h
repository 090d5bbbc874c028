#pragma once

#include <cstdint>

#include "lab/cell.h"
#include "lab/clip_trace.h"
#include "lab/delivery_log.h"
#include "lab/row.h"
#include "telemetry/playback_stats.h"

namespace mayfly {

struct SctpRun {
  DeliveryLog log;
  PlaybackStats player;  // what the player itself counted, strictly: without catching up
};

// One clip, one server, one player and the stack of the settings between them on virtual time, over
// the cell's channel. Connecting is not part of it: until the first frame is due the network is
// perfect but for its delay, and the channel begins with that frame. Watched until a while after
// the last deadline. The same arguments give the same run. One at a time in a process.
[[nodiscard]] SctpRun run_sctp(const ClipTrace& clip, const Cell& cell,
                               const SctpSettings& settings, uint64_t seed);

}  // namespace mayfly
