#include "transport/kernel/kernel_stats.h"

#include <linux/sock_diag.h>
#include <netinet/sctp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "transport/socket_address.h"

namespace mayfly {
namespace {

std::optional<sctp_assoc_stats> association_stats(const AssociationSocket& socket) {
  return socket.option<sctp_assoc_stats>(SCTP_GET_ASSOC_STATS);
}

PathStats path_stats(const sctp_paddrinfo& path, const KernelTicks& ticks) {
  PathStats result;
  sockaddr_storage address{};
  std::memcpy(&address, &path.spinfo_address, sizeof(address));
  if (const auto endpoint = ip_endpoint(address)) result.address = to_string(*endpoint);
  result.active = path.spinfo_state == SCTP_ACTIVE;
  result.smoothed_rtt = ticks.to_duration(path.spinfo_srtt);
  result.retransmission_timeout = std::chrono::milliseconds(path.spinfo_rto);
  result.congestion_window_bytes = path.spinfo_cwnd;
  result.mtu_bytes = path.spinfo_mtu;
  return result;
}

}  // namespace

std::optional<KernelTicks> KernelTicks::measure(const AssociationSocket& socket) {
  const auto rto = socket.option<sctp_rtoinfo>(SCTP_RTOINFO);
  // Reading the longest timeout observed, which is in ticks, resets it to the least allowed one.
  static_cast<void>(association_stats(socket));
  const auto stats = association_stats(socket);
  if (!rto || !stats || rto->srto_min == 0 || stats->sas_maxrto == 0) return std::nullopt;
  const double measured = static_cast<double>(stats->sas_maxrto) * 1000 / rto->srto_min;
  // The rates a kernel can be configured with; a short timeout in ticks is rounded.
  constexpr std::array<uint32_t, 5> kRates = {24, 100, 250, 300, 1000};
  return KernelTicks(
      *std::min_element(kRates.begin(), kRates.end(), [measured](uint32_t a, uint32_t b) {
        return std::abs(std::log(measured / a)) < std::abs(std::log(measured / b));
      }));
}

std::optional<uint64_t> chunks_sent(const AssociationSocket& socket) {
  const auto stats = association_stats(socket);
  if (!stats) return std::nullopt;
  return stats->sas_oodchunks + stats->sas_ouodchunks;
}

std::optional<size_t> send_memory(const AssociationSocket& socket) {
  using Memory = std::array<uint32_t, SK_MEMINFO_VARS>;
  if (socket.is_shared()) return std::nullopt;
  const auto memory = socket.socket().option<Memory>(SOL_SOCKET, SO_MEMINFO);
  return memory ? (*memory)[SK_MEMINFO_WMEM_QUEUED] : 0;
}

bool holds_nothing(const AssociationSocket& socket) {
  if (const auto memory = send_memory(socket)) return *memory == 0;
  // With nothing in flight the kernel sends at once, so nothing waits there either.
  const auto status = socket.option<sctp_status>(SCTP_STATUS);
  return !status || status->sstat_unackdata == 0;
}

size_t outstanding_bytes(const AssociationSocket& socket, size_t unsent_bytes,
                         size_t chunk_payload_bytes) {
  if (holds_nothing(socket)) return 0;
  const auto status = socket.option<sctp_status>(SCTP_STATUS);
  const size_t in_flight = status ? status->sstat_unackdata * chunk_payload_bytes : 0;
  // The memory bounds the payload in it: chunks may be smaller than they could be.
  const size_t memory = send_memory(socket).value_or(SIZE_MAX);
  return std::clamp<size_t>(in_flight + unsent_bytes, 1, std::max<size_t>(memory, 1));
}

bool read_stats(const AssociationSocket& socket, const KernelTicks& ticks,
                AssociationStats& stats) {
  const auto status = socket.option<sctp_status>(SCTP_STATUS);
  const auto counters = association_stats(socket);
  if (!status || !counters) return false;
  stats.packets_sent = counters->sas_opackets;
  stats.packets_received = counters->sas_ipackets;
  stats.chunks_retransmitted = counters->sas_rtxchunks;

  stats.paths = {path_stats(status->sstat_primary, ticks)};
  stats.paths.front().primary = true;
  for (const IpEndpoint& each : socket.peer_addresses()) {
    sctp_paddrinfo question{};
    const auto address = socket_address(each, socket.socket().family());
    if (!address || to_string(each) == stats.paths.front().address) continue;
    std::memcpy(&question.spinfo_address, &address->storage, sizeof(address->storage));
    const auto path = socket.option(SCTP_GET_PEER_ADDR_INFO, question);
    if (path) stats.paths.push_back(path_stats(*path, ticks));
  }
  return true;
}

SilentlyAbandoned silently_abandoned(const AssociationSocket& socket, StreamId stream) {
  sctp_prstatus question{};
  question.sprstat_sid = stream.value();
  question.sprstat_policy = SCTP_PR_SCTP_ALL;
  const auto all = socket.option(SCTP_PR_STREAM_STATUS, question);
  question.sprstat_policy = SCTP_PR_SCTP_PRIO;
  const auto discarded = socket.option(SCTP_PR_STREAM_STATUS, question);
  return {all ? all->sprstat_abandoned_sent : 0,
          discarded ? discarded->sprstat_abandoned_unsent : 0};
}

}  // namespace mayfly
