#pragma once

#include <string>

#include "tests/kernel/network_namespaces.h"

namespace mayfly {

// A third host between the two, as a router: the client's network is 192.168.1.0/24 at its
// interface lan0, the server's 198.51.100.0/24 at its wan0, and the server knows no way back into
// the client's. And once more as a bridge, in 203.0.113.0/24, for rules that see packets pass.
class Gate {
 public:
  // Set up anew, with no rules anywhere, and taken away at the end.
  Gate();
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // Runs shell commands as root of a host: "client", "server", "gate" or "bridge".
  void run(const std::string& host, const std::string& commands) const;
  // No rules and no connections known any more, on any host.
  void clear() const;

  [[nodiscard]] static IpEndpoint client_address(uint16_t port) {
    return IpEndpoint::v4({192, 168, 1, 2}, port);
  }
  [[nodiscard]] static IpEndpoint server_address(uint16_t port) {
    return IpEndpoint::v4({198, 51, 100, 2}, port);
  }
  [[nodiscard]] static IpEndpoint bridged_server_address(uint16_t port) {
    return IpEndpoint::v4({203, 0, 113, 2}, port);
  }
};

}  // namespace mayfly
