#include "transport/usrsctp/usrsctp_notification.h"

#include <arpa/inet.h>
#include <usrsctp.h>

#include <cstring>

namespace mayfly {
namespace {

// The fixed part of a notification, copied out as the buffer is not aligned for it. What follows it
// (an ABORT chunk, a payload) is left alone.
template <class Notification>
bool read(ByteView bytes, Notification& notification) {
  if (bytes.size() < sizeof notification) return false;
  std::memcpy(&notification, bytes.data(), sizeof notification);
  return true;
}

std::optional<UsrsctpNotification> association_change(ByteView bytes) {
  sctp_assoc_change change;
  if (!read(bytes, change)) return std::nullopt;
  switch (change.sac_state) {
    case SCTP_COMM_UP: return AssociationUp{};
    case SCTP_COMM_LOST:
    case SCTP_CANT_STR_ASSOC: return AssociationLost{};
    case SCTP_SHUTDOWN_COMP: return AssociationShutDown{};
    case SCTP_RESTART: return PeerRestarted{};
    default: return std::nullopt;
  }
}

std::optional<UsrsctpNotification> send_failed(ByteView bytes) {
  sctp_send_failed_event failed;
  if (!read(bytes, failed)) return std::nullopt;
  const bool sent = (failed.ssfe_flags & SCTP_DATA_SENT) != 0;
  return ChunkAbandoned{failed.ssfe_info.snd_context,
                        sent ? Abandonment::Sent : Abandonment::Unsent};
}

std::optional<UsrsctpNotification> partial_delivery(ByteView bytes) {
  sctp_pdapi_event event;
  if (!read(bytes, event) || event.pdapi_indication != SCTP_PARTIAL_DELIVERY_ABORTED) {
    return std::nullopt;
  }
  return PartialDeliveryAborted{StreamId(static_cast<uint16_t>(event.pdapi_stream))};
}

std::optional<UsrsctpNotification> path_change(ByteView bytes) {
  sctp_paddr_change change;
  if (!read(bytes, change)) return std::nullopt;
  switch (change.spc_state) {
    case SCTP_ADDR_AVAILABLE: return TransportEvent{.kind = TransportEventKind::PathReachable};
    case SCTP_ADDR_UNREACHABLE: return TransportEvent{.kind = TransportEventKind::PathUnreachable};
    case SCTP_ADDR_CONFIRMED: return TransportEvent{.kind = TransportEventKind::PathConfirmed};
    default: return std::nullopt;
  }
}

}  // namespace

std::optional<UsrsctpNotification> parse_notification(ByteView bytes) {
  uint16_t type = 0;
  if (bytes.size() < sizeof type) return std::nullopt;
  std::memcpy(&type, bytes.data(), sizeof type);
  switch (type) {
    case SCTP_ASSOC_CHANGE: return association_change(bytes);
    case SCTP_SEND_FAILED_EVENT: return send_failed(bytes);
    case SCTP_PARTIAL_DELIVERY_EVENT: return partial_delivery(bytes);
    case SCTP_SHUTDOWN_EVENT: return PeerShutsDown{};
    case SCTP_PEER_ADDR_CHANGE: return path_change(bytes);
    case SCTP_REMOTE_ERROR: return TransportEvent{.kind = TransportEventKind::RemoteError};
    default: return std::nullopt;
  }
}

}  // namespace mayfly
