#include "transport/kernel/notified_association.h"

#include <netinet/in.h>
#include <netinet/sctp.h>

#include <cstring>

namespace mayfly {
namespace {

template <class Notification>
std::optional<AssociationId> id_in(ByteView bytes, sctp_assoc_t Notification::*member) {
  if (bytes.size() < sizeof(Notification)) return std::nullopt;
  Notification notification{};
  std::memcpy(&notification, bytes.data(), sizeof(notification));
  return AssociationId(notification.*member);
}

}  // namespace

std::optional<AssociationId> notified_association(ByteView notification) {
  uint16_t type = 0;
  if (notification.size() < sizeof(type)) return std::nullopt;
  std::memcpy(&type, notification.data(), sizeof(type));
  switch (type) {
    case SCTP_ASSOC_CHANGE: return id_in(notification, &sctp_assoc_change::sac_assoc_id);
    case SCTP_PEER_ADDR_CHANGE: return id_in(notification, &sctp_paddr_change::spc_assoc_id);
    case SCTP_REMOTE_ERROR: return id_in(notification, &sctp_remote_error::sre_assoc_id);
    case SCTP_SEND_FAILED: return id_in(notification, &sctp_send_failed::ssf_assoc_id);
    case SCTP_SEND_FAILED_EVENT: return id_in(notification, &sctp_send_failed_event::ssf_assoc_id);
    case SCTP_SHUTDOWN_EVENT: return id_in(notification, &sctp_shutdown_event::sse_assoc_id);
    case SCTP_PARTIAL_DELIVERY_EVENT: return id_in(notification, &sctp_pdapi_event::pdapi_assoc_id);
    case SCTP_ADAPTATION_INDICATION:
      return id_in(notification, &sctp_adaptation_event::sai_assoc_id);
    case SCTP_AUTHENTICATION_EVENT: return id_in(notification, &sctp_authkey_event::auth_assoc_id);
    case SCTP_SENDER_DRY_EVENT:
      return id_in(notification, &sctp_sender_dry_event::sender_dry_assoc_id);
    case SCTP_STREAM_RESET_EVENT:
      return id_in(notification, &sctp_stream_reset_event::strreset_assoc_id);
    case SCTP_ASSOC_RESET_EVENT:
      return id_in(notification, &sctp_assoc_reset_event::assocreset_assoc_id);
    case SCTP_STREAM_CHANGE_EVENT:
      return id_in(notification, &sctp_stream_change_event::strchange_assoc_id);
    default: return std::nullopt;
  }
}

}  // namespace mayfly
