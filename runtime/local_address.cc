#include "runtime/local_address.h"

#include <netinet/in.h>

#include <cstring>

#include "transport/socket_address.h"

namespace mayfly {
namespace {

constexpr size_t kMostPeers = 16'384;

template <class T>
T value_of(const cmsghdr& header) {
  T value;
  std::memcpy(&value, CMSG_DATA(&header), sizeof(value));
  return value;
}

template <class T>
size_t put(cmsghdr& header, int level, int type, const T& value) {
  header.cmsg_level = level;
  header.cmsg_type = type;
  header.cmsg_len = CMSG_LEN(sizeof(value));
  std::memcpy(CMSG_DATA(&header), &value, sizeof(value));
  return CMSG_SPACE(sizeof(value));
}

}  // namespace

void tell_local_addresses(int descriptor, IpEndpoint::Family family) {
  const int on = 1;
  if (family == IpEndpoint::Family::V6) {
    static_cast<void>(setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)));
  } else {
    static_cast<void>(setsockopt(descriptor, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)));
  }
}

std::optional<IpEndpoint> local_address_in(const cmsghdr& header) {
  SocketAddress address;
  if (header.cmsg_level == IPPROTO_IP && header.cmsg_type == IP_PKTINFO) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr = value_of<in_pktinfo>(header).ipi_spec_dst;
    std::memcpy(&address.storage, &v4, sizeof(v4));
  } else if (header.cmsg_level == IPPROTO_IPV6 && header.cmsg_type == IPV6_PKTINFO) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = value_of<in6_pktinfo>(header).ipi6_addr;
    std::memcpy(&address.storage, &v6, sizeof(v6));
  } else {
    return std::nullopt;
  }
  return ip_endpoint(address.storage);
}

size_t put_local_address(cmsghdr& header, const IpEndpoint& local, IpEndpoint::Family family) {
  const auto address = socket_address(local, family);
  if (family == IpEndpoint::Family::V6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address->storage, sizeof(v6));
    return put(header, IPPROTO_IPV6, IPV6_PKTINFO,
               in6_pktinfo{.ipi6_addr = v6.sin6_addr, .ipi6_ifindex = 0});
  }
  sockaddr_in v4{};
  std::memcpy(&v4, &address->storage, sizeof(v4));
  return put(header, IPPROTO_IP, IP_PKTINFO,
             in_pktinfo{.ipi_ifindex = 0, .ipi_spec_dst = v4.sin_addr, .ipi_addr = {}});
}

void LocalAddressBook::note(const IpEndpoint& peer, const IpEndpoint& local) {
  if (local_.size() >= kMostPeers && local_.find(peer) == local_.end()) local_.clear();
  local_.insert_or_assign(peer, local);
}

std::optional<IpEndpoint> LocalAddressBook::of(const IpEndpoint& peer) const {
  const auto found = local_.find(peer);
  if (found == local_.end()) return std::nullopt;
  return found->second;
}

}  // namespace mayfly
