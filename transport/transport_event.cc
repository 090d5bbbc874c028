#include "transport/transport_event.h"

namespace mayfly {

using Kind = TransportEventKind;

std::string_view to_string(TransportEventKind kind) {
  switch (kind) {
    case Kind::AssociationUp: return "association-up";
    case Kind::AssociationRestarted: return "association-restarted";
    case Kind::AssociationLost: return "association-lost";
    case Kind::AssociationFailed: return "association-failed";
    case Kind::AssociationShutDown: return "association-shut-down";
    case Kind::PeerShutdown: return "peer-shutdown";
    case Kind::PathReachable: return "path-reachable";
    case Kind::PathUnreachable: return "path-unreachable";
    case Kind::PathPotentiallyFailed: return "path-potentially-failed";
    case Kind::PathConfirmed: return "path-confirmed";
    case Kind::PathAdded: return "path-added";
    case Kind::PathRemoved: return "path-removed";
    case Kind::PathMadePrimary: return "path-made-primary";
    case Kind::MessageSendFailed: return "message-send-failed";
    case Kind::PartialDeliveryAborted: return "partial-delivery-aborted";
    case Kind::RemoteError: return "remote-error";
    case Kind::StreamsReset: return "streams-reset";
    case Kind::AssociationReset: return "association-reset";
    case Kind::StreamsChanged: return "streams-changed";
    case Kind::Authentication: return "authentication";
  }
  return "?";
}

bool is_of_path(TransportEventKind kind) {
  return kind >= Kind::PathReachable && kind <= Kind::PathMadePrimary;
}

bool is_trouble(TransportEventKind kind) {
  switch (kind) {
    case Kind::AssociationRestarted:
    case Kind::AssociationLost:
    case Kind::AssociationFailed:
    case Kind::PathUnreachable:
    case Kind::PathPotentiallyFailed:
    case Kind::PartialDeliveryAborted:
    case Kind::RemoteError: return true;
    case Kind::AssociationUp:
    case Kind::AssociationShutDown:
    case Kind::PeerShutdown:
    case Kind::PathReachable:
    case Kind::PathConfirmed:
    case Kind::PathAdded:
    case Kind::PathRemoved:
    case Kind::PathMadePrimary:
    case Kind::MessageSendFailed:  // what partial reliability is for
    case Kind::StreamsReset:
    case Kind::AssociationReset:
    case Kind::StreamsChanged:
    case Kind::Authentication: return false;
  }
  return false;
}

TransportEventCounts& TransportEventCounts::operator+=(const TransportEventCounts& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  return *this;
}

const std::array<TransportEventKind, kTransportEventKinds>& transport_event_kinds() {
  static const auto kKinds = [] {
    std::array<TransportEventKind, kTransportEventKinds> kinds{};
    for (size_t i = 0; i < kinds.size(); ++i) kinds[i] = static_cast<TransportEventKind>(i);
    return kinds;
  }();
  return kKinds;
}

}  // namespace mayfly
