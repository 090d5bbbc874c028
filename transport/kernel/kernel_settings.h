#pragma once

#include <vector>

#include "transport/transport_options.h"
#include "transport/transport_settings.h"

namespace mayfly {

// What apply_settings() sets beside what the kernel does by itself, both read back from sockets.
// Without SCTP in the kernel: what would be asked for, beside Linux 6.1's own.
[[nodiscard]] std::vector<TransportSetting> kernel_settings(const TransportOptions& options);

}  // namespace mayfly
