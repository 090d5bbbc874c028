#pragma once

#include "transport/sctp/packet/serial_number.h"
#include "transport/sctp/packet/types.h"

namespace mayfly::sctp {

// A TSN as everything but the packets knows it: without wrapping.
using UnwrappedTsn = Unwrapped<Tsn>;

}  // namespace mayfly::sctp
