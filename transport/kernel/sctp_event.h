#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "core/bytes.h"
#include "core/ids.h"
#include "transport/message.h"
#include "transport/transport_event.h"

namespace mayfly {

// What the kernel tells about an association, read among its messages (RFC 6458 6.1).
struct AssociationUp {
  uint16_t outgoing_streams = 0;
  friend bool operator==(const AssociationUp&, const AssociationUp&) = default;
};
// Ended without both sides agreeing, or never began.
struct AssociationLost {
  bool aborted_by_peer = false;
  std::string abort_reason;  // what the peer said (RFC 9260 3.3.10.12), printable; often nothing
  friend bool operator==(const AssociationLost&, const AssociationLost&) = default;
};
// The peer began anew under the same addresses (RFC 9260 5.2.4.1).
struct AssociationRestarted {
  friend bool operator==(const AssociationRestarted&, const AssociationRestarted&) = default;
};
// The peer takes no more messages.
struct PeerShuttingDown {
  friend bool operator==(const PeerShuttingDown&, const PeerShuttingDown&) = default;
};
struct ShutdownComplete {
  friend bool operator==(const ShutdownComplete&, const ShutdownComplete&) = default;
};
// One chunk was given up. Linux reports those never sent; of those sent it only counts.
struct ChunkAbandoned {
  uint32_t token = 0;  // the context the message was sent with
  Abandonment what = Abandonment::Unsent;
  friend bool operator==(const ChunkAbandoned&, const ChunkAbandoned&) = default;
};
// The rest of a message that arrived in part will not come. Without RFC 8260 interleaving Linux
// does not say of which stream: then only one message can be incomplete.
struct PartialDeliveryAborted {
  StreamId stream;
  bool ordered = true;
  friend bool operator==(const PartialDeliveryAborted&, const PartialDeliveryAborted&) = default;
};
// Everything handed to the kernel is acknowledged or abandoned.
struct SenderDry {
  friend bool operator==(const SenderDry&, const SenderDry&) = default;
};
// Nothing this side needs to know.
struct OtherSctpEvent {
  friend bool operator==(const OtherSctpEvent&, const OtherSctpEvent&) = default;
};

// What is for the operator only is a TransportEvent at once: paths, streams, keys, errors.
using SctpEvent = std::variant<OtherSctpEvent, AssociationUp, AssociationLost, AssociationRestarted,
                               PeerShuttingDown, ShutdownComplete, ChunkAbandoned,
                               PartialDeliveryAborted, SenderDry, TransportEvent>;

// The event in a notification as recvmsg() gave it; OtherSctpEvent for what is cut short or
// unknown.
[[nodiscard]] SctpEvent parse_sctp_event(ByteView notification);

// What the operator is told of an event. Nothing of the beginning and the end of an association,
// which the socket's state tells more surely, and of single chunks.
[[nodiscard]] std::optional<TransportEvent> transport_event(const SctpEvent& event);

}  // namespace mayfly
