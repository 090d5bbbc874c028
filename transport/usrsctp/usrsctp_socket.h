#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "core/result.h"
#include "transport/ip_endpoint.h"
#include "transport/transport_options.h"

struct socket;

namespace mayfly {

// The stack's own structure, named like a function of the system.
using RawSocket = struct ::socket;

// Closing a socket of the stack never blocks and never lingers: an open association is aborted.
struct UsrsctpSocketCloser {
  void operator()(RawSocket* socket) const;
};
using UsrsctpSocket = std::unique_ptr<RawSocket, UsrsctpSocketCloser>;

// An address of the stack's own family, AF_CONN: an opaque number. Numbers from a table, never
// pointers: they find their way into packets of some versions.
using UsrsctpAddress = uintptr_t;

// What the stack tells of an association (RFC 6458 8.2.1).
struct UsrsctpStatus {
  uint16_t outgoing_streams = 0;
  size_t congestion_window_bytes = 0;
  Duration smoothed_rtt{};
  Duration retransmission_timeout{};
  size_t mtu_bytes = 0;
  size_t fragmentation_point = 0;
  bool path_active = false;
};

// A one-to-one socket that does not block.
[[nodiscard]] Result<UsrsctpSocket> open_usrsctp_socket();
// Sets everything of `options` that the stack knows. `max_packet_bytes` is the payload of one UDP
// packet. Sockets accepted from a listening one inherit it.
[[nodiscard]] Result<void> configure(RawSocket& socket, const TransportOptions& options,
                                     size_t max_packet_bytes);
// The stack's own port 0 means any. No address means all.
[[nodiscard]] Result<void> bind_to(RawSocket& socket, std::optional<UsrsctpAddress> address,
                                   uint16_t port);
[[nodiscard]] Result<uint16_t> local_port(RawSocket& socket);
// Begins the handshake: the INIT leaves before this returns.
[[nodiscard]] Result<void> begin_association(RawSocket& socket, UsrsctpAddress address,
                                             uint16_t port);

// Listens on an SCTP port on all addresses of the stack. Endpoints that listen on the same port
// share it, each with its own options.
class UsrsctpListeningSocket {
 public:
  [[nodiscard]] static Result<std::unique_ptr<UsrsctpListeningSocket>> open(uint16_t port);

  // What is accepted from now on gets these options.
  [[nodiscard]] Result<void> adopt(const TransportOptions& options, size_t max_packet_bytes);
  // The association that a packet just established, or null.
  [[nodiscard]] UsrsctpSocket accept();

 private:
  explicit UsrsctpListeningSocket(UsrsctpSocket socket) : socket_(std::move(socket)) {}

  UsrsctpSocket socket_;
  std::optional<std::pair<TransportOptions, size_t>> adopted_;
};

// Of an established association. The stack refuses a largest RTO below the initial one before.
void bound_rto(RawSocket& socket, const TransportOptions& options);

[[nodiscard]] std::optional<UsrsctpStatus> status_of(RawSocket& socket);
// What the stack holds of ours: unsent, unacknowledged, and acknowledged out of order.
[[nodiscard]] size_t send_backlog_bytes(RawSocket& socket);
// A heartbeat now, whether or not the path is idle.
void demand_heartbeat(RawSocket& socket, UsrsctpAddress address, uint16_t port);
// Of the priority scheduler: streams of smaller values go first.
void set_stream_priority(RawSocket& socket, uint16_t stream, uint16_t priority);

// What the options become here.
[[nodiscard]] uint32_t sack_delay_milliseconds(const TransportOptions& options);
[[nodiscard]] size_t send_buffer_bytes(const TransportOptions& options);
[[nodiscard]] size_t largest_message_bytes(const TransportOptions& options);

}  // namespace mayfly
