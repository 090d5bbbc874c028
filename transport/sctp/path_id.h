#pragma once

#include <cstddef>
#include <cstdint>

namespace mayfly::sctp {

// A destination address of the peer (RFC 9260 1.3, path), by its place in the association's list.
using PathId = uint8_t;
constexpr size_t kMaxPaths = 8;

}  // namespace mayfly::sctp
