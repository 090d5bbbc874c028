#pragma once

#include <functional>

#include "lab/delivery_log.h"
#include "lab/real/real_route.h"

namespace mayfly {

// mayfly's own server and player over the network, by the settings of an SCTP row. `begun` is
// called when the first frame follows. Completes the log. Fails where sockets cannot be made.
[[nodiscard]] Result<void> play_real_sctp(const RouteStage& stage, const SctpSettings& settings,
                                          const std::function<void()>& begun, DeliveryLog& log);

}  // namespace mayfly
