#pragma once

#include <optional>

#include "core/units.h"

namespace mayfly::sctp {

// How far apart the network delivers what was sent close together: on a link that is slower than
// the sender's bursts, each packet waits for those before it, and the acknowledgements come at the
// link's pace. As long as they keep coming nothing is missing, however long a packet has waited.
class AckSpacing {
 public:
  // A SACK told of something new, of which the newest was sent at `sent`: once only, or also
  // before, when it is not known which of the two arrived.
  void on_acked(Timestamp sent, bool sent_once, Timestamp now);

  // Until when the next acknowledgement of a burst may still be on its way, if anything was
  // acknowledged at all.
  [[nodiscard]] Timestamp expected_until() const { return last_at_ + 2 * widest(); }
  // The widest spacing of late.
  [[nodiscard]] Duration widest() const;

 private:
  std::optional<Timestamp> last_sent_;  // of what was sent once
  Timestamp last_at_{};
  // Of this while and the one before, so that each counts for one while at least.
  Timestamp since_{};
  Duration widest_{};
  Duration widest_before_{};
};

}  // namespace mayfly::sctp
