#pragma once

#include <string>

#include "telemetry/playback_stats.h"

namespace mayfly {

// What `mayfly play` leaves on the screen: a line on how the clip was played, a row per frame class
// that was sent with the fates of its frames and their latency, and a line on what a viewer saw.
// Plain text, every line ends in a newline and fits 80 columns (the terminal's; a name in UTF-8
// counts one per code point).
[[nodiscard]] std::string playback_table(const PlaybackStats& stats);

}  // namespace mayfly
