#pragma once

#include <string>
#include <vector>

#include "server/session_stats.h"

namespace mayfly {

// What a server knows of its players at a moment, for a terminal of 80 columns: a line or two for
// each player, and one for each of its paths and streams, with the counters of RFC 7496 4.3.
[[nodiscard]] std::string session_table(const std::vector<SessionStats>& players);

}  // namespace mayfly
