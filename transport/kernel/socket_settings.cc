#include "transport/kernel/socket_settings.h"

#include <fmt/format.h>
#include <netinet/sctp.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "core/quantity.h"
#include "transport/kernel/socket_features.h"

namespace mayfly {
namespace {

constexpr uint16_t kMaxIncomingStreams = 64;
// T5-shutdown-guard of RFC 9260 9.2, as Linux sets it when an association begins.
constexpr int kRtoMaxPerShutdown = 5;

uint32_t milliseconds(Duration duration) {
  const auto count = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
  return static_cast<uint32_t>(std::clamp<int64_t>(count, 0, UINT32_MAX));
}

Result<void> refused(const std::string& setting) {
  return failure(from_errno(errno, "set " + setting));
}

bool apply_timers(const SctpSocket& socket, const TransportOptions& options) {
  sctp_initmsg init{};
  init.sinit_num_ostreams = options.streams;
  init.sinit_max_instreams = std::max(options.streams, kMaxIncomingStreams);
  init.sinit_max_attempts = options.max_init_attempts;
  init.sinit_max_init_timeo = static_cast<uint16_t>(
      std::min<uint32_t>(milliseconds(std::max(options.rto_initial, options.rto_max)), UINT16_MAX));
  sctp_rtoinfo rto{};
  rto.srto_initial = milliseconds(options.rto_initial);
  rto.srto_max = milliseconds(rto_max_of_new_associations(options));
  rto.srto_min = milliseconds(options.rto_min);
  sctp_assocparams association{};
  association.sasoc_asocmaxrxt = options.max_retransmissions;
  sctp_paddrparams path{};
  path.spp_address.ss_family =
      socket.family() == IpEndpoint::Family::V4 ? sa_family_t{AF_INET} : sa_family_t{AF_INET6};
  path.spp_hbinterval = milliseconds(options.heartbeat_interval);
  path.spp_pathmaxrxt = options.path_max_retransmissions;
  path.spp_flags = SPP_HB_ENABLE;
  return socket.set_option(IPPROTO_SCTP, SCTP_INITMSG, init) &&
         socket.set_option(IPPROTO_SCTP, SCTP_RTOINFO, rto) &&
         socket.set_option(IPPROTO_SCTP, SCTP_ASSOCINFO, association) &&
         socket.set_option(IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, path);
}

// One-to-many: while a large message of one association is delivered in parts, the others' go on.
bool apply_sharing(const SctpSocket& socket) {
  const int by_association = 1;
  return socket.kind() != SctpSocket::Kind::OneToMany ||
         socket.set_option(IPPROTO_SCTP, SCTP_FRAGMENT_INTERLEAVE, by_association);
}

bool apply_fragmentation(const SctpSocket& socket, const KernelTransportOptions& options) {
  const int disabled = options.fragmentation ? 0 : 1;
  return socket.set_option(IPPROTO_SCTP, SCTP_DISABLE_FRAGMENTS, disabled);
}

bool apply_pacing(const SctpSocket& socket, const TransportOptions& options) {
  sctp_sack_info sack{};
  sack.sack_delay = milliseconds(options.sack_delay);
  sack.sack_freq = options.sack_frequency;
  sctp_assoc_value burst{};
  burst.assoc_value = options.max_burst;
  sctp_assoc_value scheduler{};
  scheduler.assoc_value = SCTP_SS_PRIO;
  const int no_delay = options.no_delay ? 1 : 0;
  return socket.set_option(IPPROTO_SCTP, SCTP_NODELAY, no_delay) &&
         socket.set_option(IPPROTO_SCTP, SCTP_DELAYED_SACK, sack) &&
         socket.set_option(IPPROTO_SCTP, SCTP_MAX_BURST, burst) &&
         socket.set_option(IPPROTO_SCTP, SCTP_STREAM_SCHEDULER, scheduler);
}

// Where the host's net.sctp.reconf_enable offers RFC 6525, a peer may reset and add streams: the
// operator hears of it.
void permit_stream_changes(const SctpSocket& socket) {
  sctp_assoc_value permitted{};
  permitted.assoc_value = SCTP_ENABLE_RESET_STREAM_REQ | SCTP_ENABLE_CHANGE_ASSOC_REQ;
  static_cast<void>(socket.set_option(IPPROTO_SCTP, SCTP_ENABLE_STREAM_RESET, permitted));
}

bool subscribe(const SctpSocket& socket) {
  constexpr std::array<uint16_t, 11> kEvents = {
      SCTP_ASSOC_CHANGE,        SCTP_SEND_FAILED_EVENT,      SCTP_SHUTDOWN_EVENT,
      SCTP_SENDER_DRY_EVENT,    SCTP_PARTIAL_DELIVERY_EVENT, SCTP_PEER_ADDR_CHANGE,
      SCTP_REMOTE_ERROR,        SCTP_STREAM_RESET_EVENT,     SCTP_ASSOC_RESET_EVENT,
      SCTP_STREAM_CHANGE_EVENT, SCTP_AUTHENTICATION_EVENT};
  return std::all_of(kEvents.begin(), kEvents.end(), [&socket](uint16_t type) {
    sctp_event event{};
    event.se_type = type;
    event.se_on = 1;
    return socket.set_option(IPPROTO_SCTP, SCTP_EVENT, event);
  });
}

void set_receive_buffer(const SctpSocket& socket, size_t bytes) {
  const int wanted = static_cast<int>(std::min<size_t>(bytes, INT32_MAX / 2));
  if (!socket.set_option(SOL_SOCKET, SO_RCVBUFFORCE, wanted)) {
    static_cast<void>(socket.set_option(SOL_SOCKET, SO_RCVBUF, wanted));
  }
}

}  // namespace

void set_send_buffer(const SctpSocket& socket, size_t bytes) {
  const int wanted = static_cast<int>(std::min<size_t>(bytes, INT32_MAX / 2));
  if (!socket.set_option(SOL_SOCKET, SO_SNDBUFFORCE, wanted)) {
    static_cast<void>(socket.set_option(SOL_SOCKET, SO_SNDBUF, wanted));
  }
}

Duration rto_max_of_new_associations(const TransportOptions& options) {
  return std::max(options.rto_max, options.shutdown_limit / kRtoMaxPerShutdown + 1ms);
}

bool set_rto_max(const AssociationSocket& socket, const TransportOptions& options) {
  sctp_rtoinfo rto{};  // what is 0 stays as it is
  rto.srto_max = milliseconds(options.rto_max);
  return socket.set_option(SCTP_RTOINFO, rto);
}

size_t kernel_send_buffer_bytes(const TransportOptions& options) {
  return std::max(options.socket_send_buffer_bytes, options.max_sent_message_bytes / 2);
}

std::optional<std::string> send_buffer_shortfall(const TransportOptions& options) {
  const auto socket = SctpSocket::open(IpEndpoint::Family::V4);
  if (!socket) return std::nullopt;
  const size_t wanted = kernel_send_buffer_bytes(options);
  set_send_buffer(*socket, wanted);
  const auto granted = socket->option<int>(SOL_SOCKET, SO_SNDBUF);
  if (!granted || static_cast<size_t>(*granted) >= 2 * wanted) return std::nullopt;
  return fmt::format(
      "frames larger than {} go in pieces, for the kernel takes no larger message from this "
      "process: try \"sysctl -w net.core.wmem_max={}\"",
      data_size_text(static_cast<size_t>(*granted)), wanted);
}

Result<void> apply_settings(const SctpSocket& socket, const TransportOptions& options,
                            const KernelTransportOptions& kernel_options) {
  if (!apply_timers(socket, options)) return refused("the SCTP timers");
  if (!apply_pacing(socket, options)) return refused("the SCTP pacing");
  if (!apply_sharing(socket)) return refused("SCTP_FRAGMENT_INTERLEAVE");
  if (!apply_fragmentation(socket, kernel_options)) return refused("SCTP_DISABLE_FRAGMENTS");
  const int on = 1;
  permit_stream_changes(socket);
  if (!subscribe(socket) || !socket.set_option(IPPROTO_SCTP, SCTP_RECVRCVINFO, on)) {
    return refused("the SCTP events");
  }
  if (socket.family() == IpEndpoint::Family::V6) {
    const int off = 0;
    static_cast<void>(socket.set_option(IPPROTO_IPV6, IPV6_V6ONLY, off));
  }
  set_send_buffer(socket, kernel_send_buffer_bytes(options));
  set_receive_buffer(socket, options.socket_receive_buffer_bytes);
  if (kernel_options.udp_encapsulation_port) {
    RETURN_IF_ERROR(apply_encapsulation(socket, *kernel_options.udp_encapsulation_port));
  }
  if (kernel_options.message_interleaving) RETURN_IF_ERROR(apply_interleaving(socket));
  if (kernel_options.auth_key) {
    RETURN_IF_ERROR(apply_authentication(socket, *kernel_options.auth_key));
  }
  if (kernel_options.dynamic_addresses) RETURN_IF_ERROR(apply_dynamic_addresses(socket));
  return {};
}

void apply_multihomed_settings(const AssociationSocket& socket, const TransportOptions& options) {
  sctp_paddrparams path{};
  path.spp_address.ss_family = socket.socket().family() == IpEndpoint::Family::V4
                                   ? sa_family_t{AF_INET}
                                   : sa_family_t{AF_INET6};
  path.spp_pathmaxrxt = std::min(options.path_max_retransmissions, kMultihomedPathRetransmissions);
  path.spp_hbinterval = milliseconds(std::min<Duration>(options.heartbeat_interval, 1s));
  path.spp_flags = SPP_HB_ENABLE;
  static_cast<void>(socket.set_option(SCTP_PEER_ADDR_PARAMS, path));
}

}  // namespace mayfly
