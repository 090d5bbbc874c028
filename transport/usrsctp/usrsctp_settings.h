#pragma once

#include <cstdint>
#include <vector>

#include "core/result.h"
#include "transport/transport_options.h"
#include "transport/transport_settings.h"

namespace mayfly {

// What mayfly sets on the usrsctp stack for these options, read back from it: `mayfly doctor`
// prints it. Starts and ends the stack, so there must be none in the process at the time.
[[nodiscard]] Result<std::vector<TransportSetting>> usrsctp_settings(
    const TransportOptions& options);

// Whether the stack's windows and bursts are as mayfly wants them, or as they come: the latter only
// to compare with.
enum class UsrsctpTuning : uint8_t { Media, Stock };

// The settings of the process, which every socket and association of the stack begins with.
void set_usrsctp_process_settings(UsrsctpTuning tuning);

}  // namespace mayfly
