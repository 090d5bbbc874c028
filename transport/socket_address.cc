#include "transport/socket_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace mayfly {
namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

SocketAddress address_v4(const IpEndpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  std::memcpy(&address.sin_addr, endpoint.address.data(), 4);
  SocketAddress result;
  result.length = sizeof(address);
  std::memcpy(&result.storage, &address, sizeof(address));
  return result;
}

SocketAddress address_v6(const IpEndpoint& endpoint) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(endpoint.port);
  uint8_t* bytes = address.sin6_addr.s6_addr;
  if (endpoint.family == IpEndpoint::Family::V6) {
    std::copy_n(endpoint.address.begin(), 16, bytes);
    address.sin6_scope_id = endpoint.scope_id;
  } else {
    std::copy_n(endpoint.address.begin(), 4,
                std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), bytes));
  }
  SocketAddress result;
  result.length = sizeof(address);
  std::memcpy(&result.storage, &address, sizeof(address));
  return result;
}

}  // namespace

sockaddr* SocketAddress::get() { return reinterpret_cast<sockaddr*>(&storage); }

const sockaddr* SocketAddress::get() const { return reinterpret_cast<const sockaddr*>(&storage); }

std::optional<SocketAddress> socket_address(const IpEndpoint& endpoint, IpEndpoint::Family family) {
  if (family == IpEndpoint::Family::V6) return address_v6(endpoint);
  if (endpoint.family == IpEndpoint::Family::V6) return std::nullopt;
  return address_v4(endpoint);
}

std::optional<IpEndpoint> ip_endpoint(const sockaddr_storage& storage) {
  IpEndpoint endpoint;
  if (storage.ss_family == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, &storage, sizeof(address));
    endpoint.port = ntohs(address.sin_port);
    std::memcpy(endpoint.address.data(), &address.sin_addr, 4);
    return endpoint;
  }
  if (storage.ss_family != AF_INET6) return std::nullopt;
  sockaddr_in6 address{};
  std::memcpy(&address, &storage, sizeof(address));
  endpoint.port = ntohs(address.sin6_port);
  const uint8_t* bytes = address.sin6_addr.s6_addr;
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes)) {
    std::copy_n(bytes + kMappedPrefix.size(), 4, endpoint.address.begin());
    return endpoint;
  }
  endpoint.family = IpEndpoint::Family::V6;
  std::copy_n(bytes, 16, endpoint.address.begin());
  // The kernel tells the interface of others, too, but of these it is no part of the address.
  if (IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr)) endpoint.scope_id = address.sin6_scope_id;
  return endpoint;
}

}  // namespace mayfly
