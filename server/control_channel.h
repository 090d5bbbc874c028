#pragma once

#include <cstddef>
#include <deque>

#include "core/bytes.h"
#include "core/result.h"
#include "transport/association.h"
#include "wire/control.h"

namespace mayfly {

// Control messages to one player, none lost and none overtaken: those for which the send buffer has
// no room wait here.
class ControlChannel {
 public:
  ControlChannel(Association& association, size_t most_waiting)
      : association_(association), most_waiting_(most_waiting) {}

  // Fails with Exhausted when too many wait already: the player does not read. Closed when the
  // association is.
  [[nodiscard]] Result<void> send(const wire::ControlMessage& message);
  // Sends what waits, as far as there is room.
  void send_waiting();
  [[nodiscard]] bool is_waiting() const { return !waiting_.empty(); }

 private:
  [[nodiscard]] Result<void> send_now(const Bytes& message);

  Association& association_;
  const size_t most_waiting_;
  std::deque<Bytes> waiting_;
};

}  // namespace mayfly
