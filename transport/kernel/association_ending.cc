#include "transport/kernel/association_ending.h"

#include <fmt/format.h>

#include <cerrno>

namespace mayfly {

Error why_ended(const AssociationEnding& ending, const EndedAssociation& association) {
  const std::string& peer = association.peer;
  const bool by_peer = ending.lost && ending.lost->aborted_by_peer;
  if (ending.read_error == ECONNREFUSED || (association.was_connecting && by_peer)) {
    const std::string why = ending.lost ? ending.lost->abort_reason : std::string();
    if (!why.empty()) return {ErrorCode::Io, peer + " refused the association: " + why};
    return {ErrorCode::Io, fmt::format("{} refused the association: nobody listens there, or there "
                                       "is no room for more",
                                       peer)};
  }
  if (by_peer || ending.read_error == ECONNRESET) {
    const std::string why = ending.lost ? ending.lost->abort_reason : std::string();
    return {ErrorCode::Io, "aborted by the peer" + (why.empty() ? std::string() : ": " + why)};
  }
  if (ending.read_error == ENETUNREACH || ending.read_error == EHOSTUNREACH) {
    return from_errno(ending.read_error, peer + " cannot be reached");
  }
  if (ending.read_error == ETIMEDOUT || (ending.lost && ending.read_error == 0)) {
    return {ErrorCode::Timeout,
            peer + (association.was_connecting ? " does not answer: is the server running, and "
                                                 "does a firewall let SCTP through?"
                                               : " does not answer any more")};
  }
  if (ending.read_error != 0 && !ending.shutdown_complete && !ending.peer_shut_down) {
    return from_errno(ending.read_error, "the association with " + peer);
  }
  return {ErrorCode::Closed, association.shutdown_wanted ? "shut down" : "shut down by the peer"};
}

}  // namespace mayfly
