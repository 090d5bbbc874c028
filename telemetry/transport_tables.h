#pragma once

#include <string>
#include <vector>

#include "telemetry/playback_stats.h"

namespace mayfly {

// The section of the report on what each player's association did: its streams, paths and events.
// Empty when no playout tells of any.
[[nodiscard]] std::string transport_tables(const std::vector<PlaybackStats>& playouts);

}  // namespace mayfly
