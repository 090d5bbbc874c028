#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"
#include "transport/kernel/association_socket.h"
#include "transport/kernel/kernel_transport_options.h"

namespace mayfly {

// What the options ask of an association that has just come up. Fails when the peer cannot do what
// cannot be done without: then the association must end. `peer` is named in the sentence.
[[nodiscard]] Result<void> begin_features(const AssociationSocket& socket,
                                          const KernelTransportOptions& options,
                                          const std::string& peer);

// Fails when nothing came that only a peer with the key can send, though something was sent and
// `heartbeats` were demanded since: the peer has another.
[[nodiscard]] Result<void> check_shown_key(const AssociationSocket& socket, uint64_t heartbeats,
                                           const std::string& peer);

// Asks for a heartbeat on every path now (RFC 9260 8.3, RFC 6458 8.1.12), which measures its round
// trip where no message does.
void demand_heartbeats(const AssociationSocket& socket);

}  // namespace mayfly
