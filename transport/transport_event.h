#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.h"

namespace mayfly {

// What happens to an association besides messages, named after the notifications of RFC 6458 6.1,
// whatever stack tells it. Which of them a stack tells is its own affair; the ends of an
// association are told by every one.
enum class TransportEventKind : uint8_t {
  AssociationUp,           // SCTP_COMM_UP
  AssociationRestarted,    // SCTP_RESTART: the peer began anew under the same addresses
  AssociationLost,         // SCTP_COMM_LOST: aborted, or the peer does not answer any more
  AssociationFailed,       // SCTP_CANT_STR_ASSOC: never came up
  AssociationShutDown,     // SCTP_SHUTDOWN_COMP: ended in good order
  PeerShutdown,            // SCTP_SHUTDOWN_EVENT: the peer takes nothing more
  PathReachable,           // SCTP_ADDR_AVAILABLE: it answers again
  PathUnreachable,         // SCTP_ADDR_UNREACHABLE
  PathPotentiallyFailed,   // SCTP_ADDR_POTENTIALLY_FAILED (RFC 7829)
  PathConfirmed,           // SCTP_ADDR_CONFIRMED: the first answer from this address
  PathAdded,               // SCTP_ADDR_ADDED (RFC 5061)
  PathRemoved,             // SCTP_ADDR_REMOVED
  PathMadePrimary,         // SCTP_ADDR_MADE_PRIM
  MessageSendFailed,       // SCTP_SEND_FAILED_EVENT: once per message that the stack gave up
  PartialDeliveryAborted,  // SCTP_PARTIAL_DELIVERY_ABORTED: half a message, and no more of it
  RemoteError,             // SCTP_REMOTE_ERROR: the peer complains (RFC 9260 3.3.10)
  StreamsReset,            // SCTP_STREAM_RESET_EVENT (RFC 6525)
  AssociationReset,        // SCTP_ASSOC_RESET_EVENT: the numbering began anew (RFC 6525)
  StreamsChanged,          // SCTP_STREAM_CHANGE_EVENT: streams were added (RFC 6525)
  Authentication,          // SCTP_AUTHENTICATION_EVENT: a key changed, or the peer has none
};
inline constexpr size_t kTransportEventKinds = 20;

// As it stands in logs, statistics and documents: "path-unreachable".
[[nodiscard]] std::string_view to_string(TransportEventKind kind);
// Whether it is about one address of the peer.
[[nodiscard]] bool is_of_path(TransportEventKind kind);
// Whether somebody may have to do something about it.
[[nodiscard]] bool is_trouble(TransportEventKind kind);

struct TransportEvent {
  TransportEventKind kind = TransportEventKind::AssociationUp;
  std::string address{};  // of the peer, with its port; of path events only
  std::optional<StreamId> stream{};
  std::string detail{};  // for people, printable, bounded; often nothing

  friend bool operator==(const TransportEvent&, const TransportEvent&) = default;
};

// How often each kind happened.
class TransportEventCounts {
 public:
  void add(TransportEventKind kind) { ++counts_[static_cast<size_t>(kind)]; }
  [[nodiscard]] uint64_t of(TransportEventKind kind) const {
    return counts_[static_cast<size_t>(kind)];
  }
  TransportEventCounts& operator+=(const TransportEventCounts& other);
  friend bool operator==(const TransportEventCounts&, const TransportEventCounts&) = default;

 private:
  std::array<uint64_t, kTransportEventKinds> counts_{};
};

// All kinds, in their order.
[[nodiscard]] const std::array<TransportEventKind, kTransportEventKinds>& transport_event_kinds();

}  // namespace mayfly
