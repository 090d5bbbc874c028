#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <optional>
#include <unordered_map>

#include "transport/ip_endpoint.h"

namespace mayfly {

// By which of this host's addresses a datagram came, and by which it is to leave: a socket bound to
// all of them (IP_PKTINFO, IPV6_PKTINFO; ip(7), RFC 3542 6) would leave the choice to the routes,
// and a peer or a NAT takes nothing from an address it did not write to. All with port 0.

// From now on what is received says where it came to.
void tell_local_addresses(int descriptor, IpEndpoint::Family family);
// Of one control message of a datagram that was received; nothing when it is about something else.
[[nodiscard]] std::optional<IpEndpoint> local_address_in(const cmsghdr& header);

constexpr size_t kLocalAddressControlBytes = 64;  // room for any
// Writes it for a socket of `family`. The bytes it takes, padding included.
size_t put_local_address(cmsghdr& header, const IpEndpoint& local, IpEndpoint::Family family);

// Where each peer last wrote to. Bounded: with many peers it begins anew, which their next packets
// mend.
class LocalAddressBook {
 public:
  void note(const IpEndpoint& peer, const IpEndpoint& local);
  [[nodiscard]] std::optional<IpEndpoint> of(const IpEndpoint& peer) const;

 private:
  std::unordered_map<IpEndpoint, IpEndpoint> local_;
};

}  // namespace mayfly
