#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "transport/kernel/sctp_event.h"

namespace mayfly {

// What the reads of an association told of its end.
struct AssociationEnding {
  std::optional<AssociationLost> lost = std::nullopt;
  int read_error = 0;  // the first errno, also of connecting; 0: none
  bool ended = false;  // nothing can be read any more
  bool peer_shut_down = false;
  bool shutdown_complete = false;

  [[nodiscard]] bool has_ended() const { return ended || lost || shutdown_complete; }

  friend bool operator==(const AssociationEnding&, const AssociationEnding&) = default;
};

struct EndedAssociation {
  std::string peer;
  bool was_connecting = false;
  bool shutdown_wanted = false;  // by this side
};

// The sentence for the user; Closed when the association ended in good order.
[[nodiscard]] Error why_ended(const AssociationEnding& ending, const EndedAssociation& association);

}  // namespace mayfly
