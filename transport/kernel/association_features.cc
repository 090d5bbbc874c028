#include "transport/kernel/association_features.h"

#include <fmt/format.h>
#include <netinet/sctp.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "transport/kernel/kernel_stats.h"
#include "transport/kernel/socket_features.h"
#include "transport/socket_address.h"

namespace mayfly {
namespace {

// A peer with the key has acknowledged something after so many heartbeats; one without never will.
constexpr uint64_t kHeartbeatsWithoutKey = 3;
// INIT or INIT ACK, COOKIE ECHO or COOKIE ACK.
constexpr uint64_t kHandshakeChunks = 2;

Result<void> check_authentication(const AssociationSocket& socket, const std::string& peer) {
  const auto supported = socket.option<sctp_assoc_value>(SCTP_AUTH_SUPPORTED);
  if (!supported || supported->assoc_value != 0) return {};
  return failure(ErrorCode::Unsupported,
                 fmt::format("{} has no key for SCTP-AUTH: give both sides the same "
                             "transport.kernel.auth_key_file",
                             peer));
}

Result<void> choose_primary(const AssociationSocket& socket, IpEndpoint primary,
                            const std::string& peer) {
  std::vector<IpEndpoint> known = socket.peer_addresses();
  std::vector<std::string> names;
  for (const IpEndpoint& each : known) {
    primary.port = each.port;
    names.push_back(address_text(each));
  }
  const auto address = socket_address(primary, socket.socket().family());
  if (std::ranges::find(known, primary) == known.end() || !address) {
    return failure(ErrorCode::InvalidArgument,
                   fmt::format("{} has no address {} for transport.kernel.primary; it has {}", peer,
                               address_text(primary), fmt::join(names, ", ")));
  }
  sctp_prim choice{};
  std::memcpy(&choice.ssp_addr, &address->storage, sizeof(address->storage));
  if (socket.set_option(SCTP_PRIMARY_ADDR, choice)) return {};
  return failure(from_errno(errno, "make " + address_text(primary) + " the primary address"));
}

}  // namespace

Result<void> begin_features(const AssociationSocket& socket, const KernelTransportOptions& options,
                            const std::string& peer) {
  if (options.auth_key) RETURN_IF_ERROR(check_authentication(socket, peer));
  if (options.dynamic_addresses) follow_own_addresses(socket.socket());
  if (options.primary) RETURN_IF_ERROR(choose_primary(socket, *options.primary, peer));
  return {};
}

Result<void> check_shown_key(const AssociationSocket& socket, uint64_t heartbeats,
                             const std::string& peer) {
  const auto stats = socket.option<sctp_assoc_stats>(SCTP_GET_ASSOC_STATS);
  if (!stats || stats->sas_isacks + stats->sas_iuodchunks + stats->sas_iodchunks > 0) return {};
  // Heartbeats are answered without a key; where none is, the network is down and tells nothing.
  const bool is_heard = stats->sas_ictrlchunks > kHandshakeChunks + kHeartbeatsWithoutKey;
  if (!is_heard || heartbeats <= kHeartbeatsWithoutKey) return {};
  if (chunks_sent(socket).value_or(0) == 0) return {};
  return failure(ErrorCode::Unsupported,
                 peer +
                     " has another key for SCTP-AUTH: give both sides the same "
                     "transport.kernel.auth_key_file");
}

void demand_heartbeats(const AssociationSocket& socket) {
  for (const IpEndpoint& each : socket.peer_addresses()) {
    sctp_paddrparams demand{};
    demand.spp_flags = SPP_HB_DEMAND;
    const auto address = socket_address(each, socket.socket().family());
    if (!address) continue;
    std::memcpy(&demand.spp_address, &address->storage, sizeof(address->storage));
    // Where it fails the association has ended, which the next read tells.
    static_cast<void>(socket.set_option(SCTP_PEER_ADDR_PARAMS, demand));
  }
}

}  // namespace mayfly
