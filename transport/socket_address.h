#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>

#include "transport/ip_endpoint.h"

namespace mayfly {

// An address in the operating system's form.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);

  [[nodiscard]] sockaddr* get();
  [[nodiscard]] const sockaddr* get() const;
};

// In the form a socket of `family` wants it: on a dual-stack socket IPv4 addresses are written as
// IPv6 ones (RFC 4291 2.5.5.2). Nothing when such a socket cannot reach the address.
[[nodiscard]] std::optional<SocketAddress> socket_address(const IpEndpoint& endpoint,
                                                          IpEndpoint::Family family);
// IPv4 addresses written as IPv6 ones come back as IPv4. Nothing when it is neither.
[[nodiscard]] std::optional<IpEndpoint> ip_endpoint(const sockaddr_storage& storage);

}  // namespace mayfly
