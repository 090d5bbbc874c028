#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "transport/kernel/association_socket.h"
#include "transport/kernel/kernel_transport_options.h"
#include "transport/kernel/sctp_socket.h"
#include "transport/transport_options.h"

namespace mayfly {

// Everything that must be set before an association begins. What a listener's socket is given, the
// sockets it accepts inherit. Fails when the kernel refuses something that was asked for.
[[nodiscard]] Result<void> apply_settings(const SctpSocket& socket, const TransportOptions& options,
                                          const KernelTransportOptions& kernel_options);

// The kernel ends a shutdown with an ABORT after five times the RTO.max that its association began
// with (RFC 9260 9.2), which is no time at all where that is small. So associations begin with
// one that leaves TransportOptions::shutdown_limit to us, and once they are up get
// TransportOptions::rto_max by set_rto_max(); false when the association is gone.
[[nodiscard]] Duration rto_max_of_new_associations(const TransportOptions& options);
[[nodiscard]] bool set_rto_max(const AssociationSocket& socket, const TransportOptions& options);

// Sets the send buffer to `bytes`, past net.core.wmem_max where this process may. The kernel counts
// its overhead, too, and therefore grants twice that.
void set_send_buffer(const SctpSocket& socket, size_t bytes);
// The send buffer bounds the largest message, and nothing else: what the kernel holds is bounded by
// our queue. So it is as large as the largest message that the other side would take.
[[nodiscard]] size_t kernel_send_buffer_bytes(const TransportOptions& options);
// For an operator who wants whole frames: that the kernel does not grant this process so large a
// buffer, with what happens instead and the mend. Nothing when it does, or has no SCTP.
[[nodiscard]] std::optional<std::string> send_buffer_shortfall(const TransportOptions& options);

// With more than one path, one that fails is left after this many timeouts and not after
// TransportOptions::path_max_retransmissions: 0.2 s instead of many seconds.
inline constexpr uint16_t kMultihomedPathRetransmissions = 2;
void apply_multihomed_settings(const AssociationSocket& socket, const TransportOptions& options);

}  // namespace mayfly
