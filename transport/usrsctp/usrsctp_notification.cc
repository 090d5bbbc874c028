#include "transport/usrsctp/usrsctp_notification.h"

#include <arpa/inet.h>
#include <fmt/format.h>
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
    case SCTP_ADDR_REMOVED: return TransportEvent{.kind = TransportEventKind::PathRemoved};
    case SCTP_ADDR_ADDED: return TransportEvent{.kind = TransportEventKind::PathAdded};
    case SCTP_ADDR_MADE_PRIM: return TransportEvent{.kind = TransportEventKind::PathMadePrimary};
    case SCTP_ADDR_CONFIRMED: return TransportEvent{.kind = TransportEventKind::PathConfirmed};
    default: return std::nullopt;
  }
}

// How a request of RFC 6525 ended.
const char* outcome_of(uint16_t flags) {
  if ((flags & SCTP_STREAM_RESET_DENIED) != 0) return "denied";
  return (flags & SCTP_STREAM_RESET_FAILED) != 0 ? "failed" : "done";
}

std::optional<UsrsctpNotification> streams_reset(ByteView bytes) {
  sctp_stream_reset_event reset;
  if (!read(bytes, reset)) return std::nullopt;
  const bool incoming = (reset.strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN) != 0;
  return TransportEvent{.kind = TransportEventKind::StreamsReset,
                        .detail = fmt::format("{} {}", incoming ? "incoming" : "outgoing",
                                              outcome_of(reset.strreset_flags))};
}

std::optional<UsrsctpNotification> association_reset(ByteView bytes) {
  sctp_assoc_reset_event reset;
  if (!read(bytes, reset)) return std::nullopt;
  return TransportEvent{.kind = TransportEventKind::AssociationReset,
                        .detail = outcome_of(reset.assocreset_flags)};
}

std::optional<UsrsctpNotification> streams_changed(ByteView bytes) {
  sctp_stream_change_event change;
  if (!read(bytes, change)) return std::nullopt;
  return TransportEvent{
      .kind = TransportEventKind::StreamsChanged,
      .detail = fmt::format("{}: {} incoming, {} outgoing", outcome_of(change.strchange_flags),
                            change.strchange_instrms, change.strchange_outstrms)};
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
    case SCTP_STREAM_RESET_EVENT: return streams_reset(bytes);
    case SCTP_ASSOC_RESET_EVENT: return association_reset(bytes);
    case SCTP_STREAM_CHANGE_EVENT: return streams_changed(bytes);
    default: return std::nullopt;
  }
}

}  // namespace mayfly
