#pragma once

#include <cstddef>

#include "transport/ip_endpoint.h"

namespace mayfly {

// What UDP and IP add to a packet. Links count it: a rate is what a network sells, and it carries
// headers too.
[[nodiscard]] inline size_t header_bytes(const IpEndpoint& endpoint) {
  return endpoint.family == IpEndpoint::Family::V4 ? 20 + 8 : 40 + 8;
}

}  // namespace mayfly
