#pragma once

#include <cstdint>

#include "core/strong_type.h"

namespace mayfly {

// Names an association among those of one socket of the kernel (RFC 6458 3.1.2). Linux counts them
// up through all sockets and comes round after 2^31. On a socket that has only one, any will do.
using AssociationId = StrongType<struct AssociationIdTag, int32_t>;

}  // namespace mayfly
