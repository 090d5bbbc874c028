#pragma once

#include <optional>

#include "telemetry/transport_summary.h"
#include "transport/association_stats.h"
#include "wire/control.h"

namespace mayfly {

// What the statistics of a playout tell of the association under it; streams are named after what
// the server said it sends on them.
[[nodiscard]] TransportSummary summary_of(const AssociationStats& stats,
                                          const std::optional<wire::Playing>& playing);

}  // namespace mayfly
