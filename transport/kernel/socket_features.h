#pragma once

#include <cstdint>
#include <optional>

#include "core/result.h"
#include "transport/kernel/auth_key.h"
#include "transport/kernel/sctp_socket.h"

namespace mayfly {

// What is set on a socket for one feature each, where it is asked for, before an association
// begins. A failure names what the kernel lacks, and the mend.

// The UDP port at which this kernel takes SCTP inside UDP (RFC 6951); none where it takes none.
[[nodiscard]] std::optional<uint16_t> own_encapsulation_port();

// SCTP inside UDP to this port of the peer.
[[nodiscard]] Result<void> apply_encapsulation(const SctpSocket& socket, uint16_t peer_port);

// Message interleaving (RFC 8260).
[[nodiscard]] Result<void> apply_interleaving(const SctpSocket& socket);

// Takes data, acknowledgements, abandonments and the end only from a peer that has the same key
// (RFC 4895). The handshake itself stays open to all: on sockets accepted by one that listens,
// Linux checks a COOKIE-ECHO only where net.sctp.auth_enable is set. So does ABORT, or nobody could
// say that nobody listens.
[[nodiscard]] Result<void> apply_authentication(const SctpSocket& socket, const AuthKey& key);

// Addresses of either side may come and go while the association lives (RFC 5061).
[[nodiscard]] Result<void> apply_dynamic_addresses(const SctpSocket& socket);
// For a socket that is bound to all addresses of this host: tells the peers of those that come and
// go. To be called again on sockets that are accepted or peeled off, which inherit nothing of this.
void follow_own_addresses(const SctpSocket& socket);

}  // namespace mayfly
