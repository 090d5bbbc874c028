#pragma once

#include <string>
#include <vector>

#include "server/session_stats.h"
#include "server/ts_feed.h"

namespace mayfly {

// What a server knows of its players at a moment, for a terminal of 80 columns: a line or two for
// each player, and one for each of its paths and streams, with the counters of RFC 7496 4.3.
[[nodiscard]] std::string session_table(const std::vector<SessionStats>& players);
// The same of the readers of MPEG-TS, of whom there is less to know. Nothing where there are none.
[[nodiscard]] std::string reader_table(const std::vector<TsFeedStats>& readers);

}  // namespace mayfly
