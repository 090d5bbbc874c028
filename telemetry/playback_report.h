#pragma once

#include <string>
#include <vector>

#include "telemetry/playback_stats.h"

namespace mayfly {

struct PlaybackReport {
  std::string title;
  std::string command;  // how to make the report again; may be empty
  // One playout, or several side by side (the same clip and link under other policies).
  std::vector<PlaybackStats> playouts;
};

// The report as one HTML page that asks the network for nothing: the fates of the frames by class
// as bars, the latency by class, and every number behind them in tables. Readable in light and dark
// and on paper.
[[nodiscard]] std::string html_report(const PlaybackReport& report);

}  // namespace mayfly
