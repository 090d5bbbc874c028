#pragma once

#include <string>
#include <vector>

#include "telemetry/playback_stats.h"

namespace mayfly {

// Charts as inline SVG. Colours come from the CSS classes of the page that holds them: `fate-KEY`
// for the states, `bar`, `axis`, `grid`. Each mark has a <title>, so that pointing at it tells its
// numbers.

// For each class that was sent: one bar per playout, as long as all its frames, split by what
// became of them.
[[nodiscard]] std::string fates_chart(const std::vector<PlaybackStats>& playouts);
// For each class that arrived: one line per playout from the median to the 99th percentile, with
// marks at p50, p95 and p99, and the playout delay for comparison.
[[nodiscard]] std::string latency_chart(const std::vector<PlaybackStats>& playouts);

// How a playout is called beside its bar: its policy, with the transport where that differs.
[[nodiscard]] std::string playout_label(const std::vector<PlaybackStats>& playouts, size_t which);

}  // namespace mayfly
