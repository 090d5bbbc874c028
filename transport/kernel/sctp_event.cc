#include "transport/kernel/sctp_event.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netinet/in.h>
#include <netinet/sctp.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/printable.h"
#include "transport/socket_address.h"

namespace mayfly {
namespace {

constexpr uint16_t kUserInitiatedAbort = 12;  // RFC 9260 3.3.10.12
constexpr uint16_t kUnorderedChunk = 0x04;    // the U bit of an I-DATA chunk (RFC 8260 2.1)
constexpr size_t kCauseHeaderBytes = 4;
constexpr size_t kMaxReasonBytes = 512;
// Of a reset of many streams the first tell enough.
constexpr size_t kMaxStreamsTold = 16;

// Copies a structure out of bytes that need not be aligned for it. False when they are too few.
template <class T>
bool copy_front(ByteView bytes, T& value) {
  if (bytes.size() < sizeof(T)) return false;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return true;
}

// The kernel gives room behind some texts, filled with zeros.
std::string shown(std::string_view text) {
  return printable(text.substr(0, text.find('\0')), kMaxReasonBytes);
}

// The upper layer's words among the error causes of an ABORT chunk.
std::string abort_reason(ByteView causes) {
  ByteReader reader(causes);
  while (reader.rest().size() >= kCauseHeaderBytes) {
    const uint16_t code = reader.u16();
    const size_t length = reader.u16();
    if (length < kCauseHeaderBytes) break;
    // The kernel trims the chunk by its own arithmetic; what is there of the last cause counts.
    const size_t wanted = length - kCauseHeaderBytes;
    const ByteView value = reader.take(std::min(wanted, reader.rest().size()));
    if (code == kUserInitiatedAbort) return shown(as_text(value));
    const size_t padding = (4 - length % 4) % 4;
    if (reader.rest().size() < padding) break;
    static_cast<void>(reader.take(padding));
  }
  return {};
}

SctpEvent association_change(ByteView notification) {
  sctp_assoc_change change{};
  if (!copy_front(notification, change)) return OtherSctpEvent{};
  const ByteView causes = notification.subspan(sizeof(sctp_assoc_change));
  switch (change.sac_state) {
    case SCTP_COMM_UP: return AssociationUp{change.sac_outbound_streams};
    case SCTP_RESTART: return AssociationRestarted{};
    case SCTP_SHUTDOWN_COMP: return ShutdownComplete{};
    case SCTP_COMM_LOST:
    case SCTP_CANT_STR_ASSOC: return AssociationLost{!causes.empty(), abort_reason(causes)};
  }
  return OtherSctpEvent{};
}

SctpEvent send_failed(ByteView notification) {
  sctp_send_failed_event failed{};
  if (!copy_front(notification, failed)) return OtherSctpEvent{};
  const bool unsent = failed.ssf_flags == SCTP_DATA_UNSENT;
  return ChunkAbandoned{failed.ssfe_info.snd_context,
                        unsent ? Abandonment::Unsent : Abandonment::Sent};
}

SctpEvent partial_delivery(ByteView notification) {
  sctp_pdapi_event event{};
  if (!copy_front(notification, event)) return OtherSctpEvent{};
  if (event.pdapi_indication != SCTP_PARTIAL_DELIVERY_ABORTED) return OtherSctpEvent{};
  return PartialDeliveryAborted{StreamId(static_cast<uint16_t>(event.pdapi_stream)),
                                (event.pdapi_flags & kUnorderedChunk) == 0};
}

std::optional<TransportEventKind> kind_of_path_change(int state) {
  switch (state) {
    case SCTP_ADDR_AVAILABLE: return TransportEventKind::PathReachable;
    case SCTP_ADDR_UNREACHABLE: return TransportEventKind::PathUnreachable;
    case SCTP_ADDR_REMOVED: return TransportEventKind::PathRemoved;
    case SCTP_ADDR_ADDED: return TransportEventKind::PathAdded;
    case SCTP_ADDR_MADE_PRIM: return TransportEventKind::PathMadePrimary;
    case SCTP_ADDR_CONFIRMED: return TransportEventKind::PathConfirmed;
    case SCTP_ADDR_POTENTIALLY_FAILED: return TransportEventKind::PathPotentiallyFailed;
    default: return std::nullopt;
  }
}

SctpEvent path_change(ByteView notification) {
  sctp_paddr_change change{};
  if (!copy_front(notification, change)) return OtherSctpEvent{};
  const auto kind = kind_of_path_change(change.spc_state);
  sockaddr_storage address{};
  std::memcpy(&address, &change.spc_aaddr, sizeof(address));
  const auto endpoint = ip_endpoint(address);
  if (!kind || !endpoint) return OtherSctpEvent{};
  return TransportEvent{.kind = *kind, .address = to_string(*endpoint)};
}

SctpEvent remote_error(ByteView notification) {
  sctp_remote_error error{};
  if (!copy_front(notification, error)) return OtherSctpEvent{};
  return TransportEvent{.kind = TransportEventKind::RemoteError,
                        .detail = fmt::format("cause {}", ntohs(error.sre_error))};
}

// How a request of RFC 6525 ended.
const char* outcome_of(uint16_t flags) {
  if ((flags & SCTP_STREAM_RESET_DENIED) != 0) return "denied";
  return (flags & SCTP_STREAM_RESET_FAILED) != 0 ? "failed" : "done";
}

SctpEvent streams_reset(ByteView notification) {
  sctp_stream_reset_event reset{};
  if (!copy_front(notification, reset)) return OtherSctpEvent{};
  ByteView list = notification.subspan(sizeof(reset));
  std::vector<uint16_t> streams;
  while (list.size() >= sizeof(uint16_t) && streams.size() < kMaxStreamsTold) {
    uint16_t stream = 0;
    std::memcpy(&stream, list.data(), sizeof(stream));
    streams.push_back(stream);
    list = list.subspan(sizeof(stream));
  }
  const bool incoming = (reset.strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN) != 0;
  const bool outgoing = (reset.strreset_flags & SCTP_STREAM_RESET_OUTGOING_SSN) != 0;
  return TransportEvent{
      .kind = TransportEventKind::StreamsReset,
      .detail =
          fmt::format("{}{}{} {}: {}", incoming ? "incoming" : "", incoming && outgoing ? "+" : "",
                      outgoing ? "outgoing" : "", outcome_of(reset.strreset_flags),
                      streams.empty() ? "all" : fmt::format("{}", fmt::join(streams, " ")))};
}

SctpEvent association_reset(ByteView notification) {
  sctp_assoc_reset_event reset{};
  if (!copy_front(notification, reset)) return OtherSctpEvent{};
  return TransportEvent{.kind = TransportEventKind::AssociationReset,
                        .detail = outcome_of(reset.assocreset_flags)};
}

SctpEvent streams_changed(ByteView notification) {
  sctp_stream_change_event change{};
  if (!copy_front(notification, change)) return OtherSctpEvent{};
  return TransportEvent{
      .kind = TransportEventKind::StreamsChanged,
      .detail = fmt::format("{}: {} incoming, {} outgoing", outcome_of(change.strchange_flags),
                            change.strchange_instrms, change.strchange_outstrms)};
}

SctpEvent authentication(ByteView notification) {
  sctp_authkey_event change{};
  if (!copy_front(notification, change)) return OtherSctpEvent{};
  std::string detail = "the peer does not authenticate";
  if (change.auth_indication != SCTP_AUTH_NO_AUTH) {
    const bool added = change.auth_indication == SCTP_AUTH_NEW_KEY;
    detail = fmt::format("key {} {}", change.auth_keynumber, added ? "in use" : "not needed");
  }
  return TransportEvent{.kind = TransportEventKind::Authentication, .detail = std::move(detail)};
}

}  // namespace

std::optional<TransportEvent> transport_event(const SctpEvent& event) {
  if (const auto* told = std::get_if<TransportEvent>(&event)) return *told;
  if (std::holds_alternative<AssociationRestarted>(event)) {
    return TransportEvent{.kind = TransportEventKind::AssociationRestarted};
  }
  if (std::holds_alternative<PeerShuttingDown>(event)) {
    return TransportEvent{.kind = TransportEventKind::PeerShutdown};
  }
  if (const auto* aborted = std::get_if<PartialDeliveryAborted>(&event)) {
    return TransportEvent{.kind = TransportEventKind::PartialDeliveryAborted,
                          .stream = aborted->stream};
  }
  return std::nullopt;
}

SctpEvent parse_sctp_event(ByteView notification) {
  uint16_t type = 0;
  if (!copy_front(notification, type)) return OtherSctpEvent{};
  switch (type) {
    case SCTP_ASSOC_CHANGE: return association_change(notification);
    case SCTP_SEND_FAILED_EVENT: return send_failed(notification);
    case SCTP_SHUTDOWN_EVENT: return PeerShuttingDown{};
    case SCTP_PARTIAL_DELIVERY_EVENT: return partial_delivery(notification);
    case SCTP_SENDER_DRY_EVENT: return SenderDry{};
    case SCTP_PEER_ADDR_CHANGE: return path_change(notification);
    case SCTP_REMOTE_ERROR: return remote_error(notification);
    case SCTP_STREAM_RESET_EVENT: return streams_reset(notification);
    case SCTP_ASSOC_RESET_EVENT: return association_reset(notification);
    case SCTP_STREAM_CHANGE_EVENT: return streams_changed(notification);
    case SCTP_AUTHENTICATION_EVENT: return authentication(notification);
    default: return OtherSctpEvent{};
  }
}

}  // namespace mayfly
