#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "transport/ip_endpoint.h"
#include "transport/kernel/auth_key.h"

namespace mayfly {

// How associations are held (RFC 6458 3 and 4).
enum class SocketStyle : uint8_t {
  OneToMany,  // SOCK_SEQPACKET: a listener's share one; the peer is told why one is aborted
  OneToOne,   // SOCK_STREAM: each has a socket of its own, which tells who refused to connect
};

// What only the kernel's stack can be told.
struct KernelTransportOptions {
  SocketStyle socket_style = SocketStyle::OneToMany;
  // Whether an association that has to wait for room leaves the one-to-many socket for one of its
  // own (RFC 6458 9.2), which alone can tell when there is room again.
  bool peel_off = true;
  // Whether a message may be cut into several DATA chunks (RFC 9260 6.9). If not, what does not fit
  // one is refused.
  bool fragmentation = true;
  // Runs over UDP to this port of the peer (RFC 6951) when connecting. Needs net.sctp.udp_port, the
  // port of this host; a listener with it answers native and encapsulated peers alike.
  std::optional<uint16_t> udp_encapsulation_port{};
  // Offers RFC 8260 message interleaving; needs net.sctp.intl_enable. Linux 6.1 numbers the
  // fragments wrongly on the wire, so only its own kind understands it: for laboratories.
  bool message_interleaving = false;
  // The addresses of this host that an association it begins may use; none: all. Ports are the
  // kernel's choice. A listener uses those that it listens at.
  std::vector<IpEndpoint> bind{};
  // Of the peer's addresses the one to send to while it answers, whatever its port; none: the first
  // that is connected to.
  std::optional<IpEndpoint> primary{};
  // Tells the peer of addresses that this host gets or loses meanwhile, and believes the peer when
  // it does so (RFC 5061); in authenticated chunks, as RFC 5061 4.1 wants them. Follows the
  // addresses of sockets that are bound to all of them.
  bool dynamic_addresses = false;
  // Speaks only with peers that have the key in this file (RFC 4895); empty: with all.
  std::string auth_key_file{};
  std::optional<AuthKey> auth_key{};  // the key itself, once the transport has read it

  friend bool operator==(const KernelTransportOptions&, const KernelTransportOptions&) = default;
};

}  // namespace mayfly
