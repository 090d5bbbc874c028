#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "core/bytes.h"
#include "core/ids.h"
#include "transport/message.h"
#include "transport/transport_event.h"

namespace mayfly {

// What the stack tells beside messages (RFC 6458 6.1), as far as mayfly subscribes to it.
struct AssociationUp {};
struct AssociationLost {};      // or could not be established
struct AssociationShutDown {};  // in good order
struct PeerShutsDown {};        // the peer sends nothing more and takes nothing new
struct PeerRestarted {};
struct ChunkAbandoned {
  uint32_t token = 0;  // handed over with the message
  Abandonment what = Abandonment::Unsent;
};
struct PartialDeliveryAborted {
  StreamId stream;
};

// What is for the operator only is a TransportEvent at once. Addresses of the stack's own family
// mean nothing to people: a path event comes without one.
using UsrsctpNotification =
    std::variant<AssociationUp, AssociationLost, AssociationShutDown, PeerShutsDown, PeerRestarted,
                 ChunkAbandoned, PartialDeliveryAborted, TransportEvent>;

// Nothing for one that is cut short, unknown or of no interest. The beginning of a long one (a
// failed message comes with its payload) is enough.
[[nodiscard]] std::optional<UsrsctpNotification> parse_notification(ByteView bytes);

}  // namespace mayfly
