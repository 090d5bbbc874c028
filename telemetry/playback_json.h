#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/result.h"
#include "telemetry/playback_stats.h"

namespace mayfly {

// The playout as `mayfly play --stats` writes it. The names are a promise: keys are added, never
// renamed. Times are in milliseconds with the unit in the name; what did not happen is null.
[[nodiscard]] nlohmann::ordered_json json_value(const PlaybackStats& stats);
// The same as a document: indented, ending in a newline, always valid UTF-8 whatever a clip is
// called.
[[nodiscard]] std::string to_json(const PlaybackStats& stats);

// What to_json() wrote, read back; keys it does not know are passed over. Fails with Malformed when
// it is not that, or when the states of a class do not sum to what was sent.
[[nodiscard]] Result<PlaybackStats> playback_stats_from_json(std::string_view document);

}  // namespace mayfly
