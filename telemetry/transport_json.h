#pragma once

#include <nlohmann/json.hpp>

#include "telemetry/transport_summary.h"

namespace mayfly {

// Adds "streams", "paths", "events", "packets_sent" and "chunks_retransmitted" to the statistics of
// a playout.
void add_transport(nlohmann::ordered_json& json, const TransportSummary& transport);
// Reads them back; what a playout before these names does not have is empty. Throws what nlohmann
// does.
[[nodiscard]] TransportSummary transport_from(const nlohmann::json& json);

}  // namespace mayfly
