#pragma once

#include <functional>

#include "core/bytes.h"
#include "transport/ip_endpoint.h"

namespace mayfly {

// What lies under an SCTP stack that runs over UDP (RFC 6951): one bound datagram socket, shared by
// all associations of an endpoint. A UDP socket in production, a port of a simulated network in
// tests, or either behind an impaired link. Packets may be lost, reordered and duplicated, never
// altered.
class PacketSocket {
 public:
  using Receiver = std::function<void(const IpEndpoint& from, ByteView packet)>;

  virtual ~PacketSocket() = default;
  // Never fails: a packet that cannot be sent is a lost packet. May hold it back until the loop has
  // finished its round, to send many in one system call.
  virtual void send(const IpEndpoint& to, ByteView packet) = 0;
  // Called from the loop, never from inside send(). The view is valid during the call only. An
  // empty function stops reception.
  virtual void set_receiver(Receiver receiver) = 0;
  [[nodiscard]] virtual IpEndpoint local() const = 0;
  // The largest payload that is not fragmented on the way, as far as is known.
  [[nodiscard]] virtual size_t max_packet_bytes() const = 0;
};

}  // namespace mayfly
