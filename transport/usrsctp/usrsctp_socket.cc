#include "transport/usrsctp/usrsctp_socket.h"

#include <fmt/format.h>
#include <usrsctp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace mayfly {
namespace {

constexpr int kListenBacklog = 128;

// Missing in the installed header, present in the library.
constexpr int kGetSendBufferUse = 0x1101;
struct SendBufferUse {
  sctp_assoc_t association;
  uint32_t send_bytes;
  uint32_t receive_bytes;
};

uint32_t milliseconds(Duration duration) {
  return static_cast<uint32_t>(
      std::max<int64_t>(1, std::chrono::ceil<std::chrono::milliseconds>(duration).count()));
}

sockaddr_conn address_of(UsrsctpAddress address, uint16_t port) {
  sockaddr_conn conn{};
  conn.sconn_family = AF_CONN;
  conn.sconn_port = htons(port);
  conn.sconn_addr = reinterpret_cast<void*>(address);
  return conn;
}

template <class Value>
Result<void> set(RawSocket& socket, int level, int option, const Value& value, const char* name) {
  if (usrsctp_setsockopt(&socket, level, option, &value, sizeof value) == 0) return {};
  return failure(from_errno(errno, fmt::format("usrsctp: set {}", name)));
}

template <class Value>
Result<void> set_sctp(RawSocket& socket, int option, const Value& value, const char* name) {
  return set(socket, IPPROTO_SCTP, option, value, name);
}

Result<void> set_buffers(RawSocket& socket, const TransportOptions& options) {
  const linger abort_on_close{.l_onoff = 1, .l_linger = 0};
  RETURN_IF_ERROR(set(socket, SOL_SOCKET, SO_LINGER, abort_on_close, "SO_LINGER"));
  const int send_buffer = static_cast<int>(send_buffer_bytes(options));
  RETURN_IF_ERROR(set(socket, SOL_SOCKET, SO_SNDBUF, send_buffer, "SO_SNDBUF"));
  const int receive_buffer = static_cast<int>(options.socket_receive_buffer_bytes);
  return set(socket, SOL_SOCKET, SO_RCVBUF, receive_buffer, "SO_RCVBUF");
}

Result<void> set_timers(RawSocket& socket, const TransportOptions& options) {
  // The stack wants min <= initial <= max, but the first RTO is longer than any later one may be:
  // bound_rto() lowers the last once the handshake is over.
  const sctp_rtoinfo rto{.srto_assoc_id = SCTP_FUTURE_ASSOC,
                         .srto_initial = milliseconds(options.rto_initial),
                         .srto_max = milliseconds(std::max(options.rto_max, options.rto_initial)),
                         .srto_min = milliseconds(std::min(options.rto_min, options.rto_initial))};
  RETURN_IF_ERROR(set_sctp(socket, SCTP_RTOINFO, rto, "SCTP_RTOINFO"));
  const sctp_initmsg init{
      .sinit_num_ostreams = options.streams,
      .sinit_max_instreams = options.streams,
      .sinit_max_attempts = options.max_init_attempts,
      .sinit_max_init_timeo = static_cast<uint16_t>(milliseconds(options.rto_initial))};
  RETURN_IF_ERROR(set_sctp(socket, SCTP_INITMSG, init, "SCTP_INITMSG"));
  sctp_assocparams association{};
  association.sasoc_asocmaxrxt = options.max_retransmissions;
  RETURN_IF_ERROR(set_sctp(socket, SCTP_ASSOCINFO, association, "SCTP_ASSOCINFO"));
  const sctp_sack_info sack{.sack_assoc_id = SCTP_FUTURE_ASSOC,
                            .sack_delay = sack_delay_milliseconds(options),
                            .sack_freq = options.sack_frequency};
  return set_sctp(socket, SCTP_DELAYED_SACK, sack, "SCTP_DELAYED_SACK");
}

Result<void> set_path(RawSocket& socket, const TransportOptions& options, size_t max_packet_bytes) {
  sctp_paddrparams path{};
  path.spp_assoc_id = SCTP_FUTURE_ASSOC;
  path.spp_flags = SPP_HB_ENABLE | SPP_PMTUD_DISABLE;
  path.spp_hbinterval = milliseconds(options.heartbeat_interval);
  path.spp_pathmtu = static_cast<uint32_t>(max_packet_bytes);
  path.spp_pathmaxrxt = options.path_max_retransmissions;
  RETURN_IF_ERROR(set_sctp(socket, SCTP_PEER_ADDR_PARAMS, path, "SCTP_PEER_ADDR_PARAMS"));
  const sctp_assoc_value burst{.assoc_id = SCTP_FUTURE_ASSOC, .assoc_value = options.max_burst};
  RETURN_IF_ERROR(set_sctp(socket, SCTP_MAX_BURST, burst, "SCTP_MAX_BURST"));
  const sctp_assoc_value scheduler{.assoc_id = SCTP_FUTURE_ASSOC, .assoc_value = SCTP_SS_PRIORITY};
  RETURN_IF_ERROR(set_sctp(socket, SCTP_PLUGGABLE_SS, scheduler, "SCTP_PLUGGABLE_SS"));
  const int no_delay = options.no_delay ? 1 : 0;
  return set_sctp(socket, SCTP_NODELAY, no_delay, "SCTP_NODELAY");
}

Result<void> subscribe(RawSocket& socket) {
  for (const int type : {SCTP_ASSOC_CHANGE, SCTP_SHUTDOWN_EVENT, SCTP_SEND_FAILED_EVENT,
                         SCTP_PARTIAL_DELIVERY_EVENT, SCTP_PEER_ADDR_CHANGE, SCTP_REMOTE_ERROR}) {
    const sctp_event event{
        .se_assoc_id = SCTP_FUTURE_ASSOC, .se_type = static_cast<uint16_t>(type), .se_on = 1};
    RETURN_IF_ERROR(set_sctp(socket, SCTP_EVENT, event, "SCTP_EVENT"));
  }
  const int on = 1;
  return set_sctp(socket, SCTP_RECVRCVINFO, on, "SCTP_RECVRCVINFO");
}

}  // namespace

void UsrsctpSocketCloser::operator()(RawSocket* socket) const {
  usrsctp_set_upcall(socket, nullptr, nullptr);
  usrsctp_close(socket);
}

uint32_t sack_delay_milliseconds(const TransportOptions& options) {
  // Zero would leave the stack's 200 ms; its timers cannot tell less than a tick of 10 ms.
  return std::max(10U, milliseconds(options.sack_delay));
}

size_t largest_message_bytes(const TransportOptions& options) {
  return std::min(options.max_sent_message_bytes, options.send_queue_bytes);
}

size_t send_buffer_bytes(const TransportOptions& options) {
  // A message goes in whole or not at all, and a buffer costs only what is in it.
  return std::max(options.socket_send_buffer_bytes, largest_message_bytes(options) + (64 << 10));
}

Result<UsrsctpSocket> open_usrsctp_socket() {
  UsrsctpSocket socket(
      usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, nullptr, nullptr, 0, nullptr));
  if (!socket) return failure(from_errno(errno, "usrsctp: open a socket"));
  usrsctp_set_non_blocking(socket.get(), 1);
  return socket;
}

Result<void> configure(RawSocket& socket, const TransportOptions& options,
                       size_t max_packet_bytes) {
  RETURN_IF_ERROR(set_buffers(socket, options));
  RETURN_IF_ERROR(set_timers(socket, options));
  RETURN_IF_ERROR(set_path(socket, options, max_packet_bytes));
  return subscribe(socket);
}

Result<void> bind_to(RawSocket& socket, std::optional<UsrsctpAddress> address, uint16_t port) {
  sockaddr_conn conn = address_of(address.value_or(0), port);
  if (usrsctp_bind(&socket, reinterpret_cast<sockaddr*>(&conn), sizeof conn) == 0) return {};
  return failure(from_errno(errno, fmt::format("usrsctp: bind SCTP port {}", port)));
}

Result<uint16_t> local_port(RawSocket& socket) {
  sockaddr* addresses = nullptr;
  const int count = usrsctp_getladdrs(&socket, 0, &addresses);
  if (count <= 0) return failure(from_errno(errno, "usrsctp: read the local SCTP port"));
  sockaddr_conn first{};
  std::memcpy(&first, addresses, sizeof first);
  usrsctp_freeladdrs(addresses);
  return ntohs(first.sconn_port);
}

Result<void> begin_association(RawSocket& socket, UsrsctpAddress address, uint16_t port) {
  sockaddr_conn conn = address_of(address, port);
  if (usrsctp_connect(&socket, reinterpret_cast<sockaddr*>(&conn), sizeof conn) == 0 ||
      errno == EINPROGRESS) {
    return {};
  }
  return failure(from_errno(errno, "usrsctp: begin an association"));
}

Result<std::unique_ptr<UsrsctpListeningSocket>> UsrsctpListeningSocket::open(uint16_t port) {
  ASSIGN_OR_RETURN(UsrsctpSocket socket, open_usrsctp_socket());
  RETURN_IF_ERROR(bind_to(*socket, std::nullopt, port));
  if (usrsctp_listen(socket.get(), kListenBacklog) != 0) {
    return failure(from_errno(errno, fmt::format("usrsctp: listen on SCTP port {}", port)));
  }
  return std::unique_ptr<UsrsctpListeningSocket>(new UsrsctpListeningSocket(std::move(socket)));
}

Result<void> UsrsctpListeningSocket::adopt(const TransportOptions& options,
                                           size_t max_packet_bytes) {
  if (adopted_ == std::pair(options, max_packet_bytes)) return {};
  RETURN_IF_ERROR(configure(*socket_, options, max_packet_bytes));
  adopted_.emplace(options, max_packet_bytes);
  return {};
}

UsrsctpSocket UsrsctpListeningSocket::accept() {
  UsrsctpSocket accepted(usrsctp_accept(socket_.get(), nullptr, nullptr));
  if (accepted) usrsctp_set_non_blocking(accepted.get(), 1);
  return accepted;
}

void bound_rto(RawSocket& socket, const TransportOptions& options) {
  const sctp_rtoinfo rto{
      .srto_assoc_id = SCTP_CURRENT_ASSOC,
      .srto_initial = milliseconds(std::min(options.rto_initial, options.rto_max)),
      .srto_max = milliseconds(options.rto_max),
      .srto_min = milliseconds(options.rto_min)};
  (void)usrsctp_setsockopt(&socket, IPPROTO_SCTP, SCTP_RTOINFO, &rto, sizeof rto);
}

std::optional<UsrsctpStatus> status_of(RawSocket& socket) {
  sctp_status status{};
  socklen_t size = sizeof status;
  if (usrsctp_getsockopt(&socket, IPPROTO_SCTP, SCTP_STATUS, &status, &size) != 0) {
    return std::nullopt;
  }
  const sctp_paddrinfo& path = status.sstat_primary;
  return UsrsctpStatus{
      .outgoing_streams = status.sstat_outstrms,
      .congestion_window_bytes = path.spinfo_cwnd,
      .smoothed_rtt = std::chrono::milliseconds(path.spinfo_srtt),
      .retransmission_timeout = std::chrono::milliseconds(path.spinfo_rto),
      .mtu_bytes = path.spinfo_mtu,
      .fragmentation_point = status.sstat_fragmentation_point,
      .path_active = (path.spinfo_state & SCTP_ACTIVE) != 0,
  };
}

size_t send_backlog_bytes(RawSocket& socket) {
  SendBufferUse use{};
  socklen_t size = sizeof use;
  if (usrsctp_getsockopt(&socket, IPPROTO_SCTP, kGetSendBufferUse, &use, &size) != 0) return 0;
  return use.send_bytes;
}

void demand_heartbeat(RawSocket& socket, UsrsctpAddress address, uint16_t port) {
  sctp_paddrparams path{};
  const sockaddr_conn conn = address_of(address, port);
  std::memcpy(&path.spp_address, &conn, sizeof conn);
  path.spp_flags = SPP_HB_DEMAND;
  (void)usrsctp_setsockopt(&socket, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, &path, sizeof path);
}

void set_stream_priority(RawSocket& socket, uint16_t stream, uint16_t priority) {
  const sctp_stream_value value{.assoc_id = 0, .stream_id = stream, .stream_value = priority};
  (void)usrsctp_setsockopt(&socket, IPPROTO_SCTP, SCTP_SS_VALUE, &value, sizeof value);
}

}  // namespace mayfly
