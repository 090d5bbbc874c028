#pragma once

#include <memory>

#include "transport/packet_socket.h"
#include "transport/transport.h"
#include "transport/transport_options.h"
#include "transport/usrsctp/usrsctp_endpoint.h"

namespace mayfly {

// The SCTP ports inside the UDP packets (RFC 6951 3.1). UDP's port tells hosts and NATs apart, so
// SCTP's need not differ between servers; a kernel's program behind UDP encapsulation has its own.
struct UsrsctpPorts {
  static constexpr uint16_t kDefault = 9899;
  uint16_t listen = kDefault;
  uint16_t peer = kDefault;  // what connect() asks for
};

// Associations of the usrsctp stack over one packet socket: each SCTP packet is the payload of one
// UDP packet, as RFC 6951 has it, so the other end may be any stack that does the same.
//
// `socket` must outlive the transport and everything it made; `stack` too.
class UsrsctpTransport final : public Transport {
 public:
  UsrsctpTransport(UsrsctpStack& stack, PacketSocket& socket, const TransportOptions& options = {},
                   const UsrsctpPorts& ports = {});

  [[nodiscard]] std::string name() const override { return "usrsctp"; }
  // The socket is bound already: `at` must be where, or all addresses with its port. One listener
  // at a time.
  [[nodiscard]] Result<std::unique_ptr<Listener>> listen(const TransportAddress& at) override;
  [[nodiscard]] Result<std::unique_ptr<Association>> connect(const TransportAddress& to) override;

  // Packets that no association took: strangers', forged, malformed, or beyond the ration of INITs.
  [[nodiscard]] uint64_t packets_dropped() const { return endpoint_->packets_dropped(); }

 private:
  std::shared_ptr<UsrsctpEndpoint> endpoint_;
  UsrsctpPorts ports_;
};

}  // namespace mayfly
