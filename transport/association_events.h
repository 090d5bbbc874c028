#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <variant>

#include "core/timer.h"
#include "transport/association.h"
#include "transport/send_queue.h"

namespace mayfly {

// How an association ended, in the words of RFC 6458: what is told before on_closed(reason).
[[nodiscard]] TransportEvent end_event(const Error& reason, bool was_up);
// That the stack gave up a message (RFC 6458 6.1.11).
[[nodiscard]] TransportEvent send_failed_event(const AbandonedMessage& abandoned);

// Keeps what an association has to tell until the loop comes round and an observer is there, so
// that no callback ever runs inside a call into the association, and one that destroys the
// association is the last.
class AssociationEvents {
 public:
  struct Connected {};
  struct SendBufferLow {};
  using Event =
      std::variant<Connected, Message, AbandonedMessage, SendBufferLow, TransportEvent, Error>;

  explicit AssociationEvents(TimerFactory& timers);
  // For an owner that the loop calls anyway: `wake` is called whenever deliver() should be, soon.
  explicit AssociationEvents(std::function<void()> wake);
  ~AssociationEvents();
  AssociationEvents(const AssociationEvents&) = delete;
  AssociationEvents& operator=(const AssociationEvents&) = delete;

  // Null: events wait.
  void set_observer(Association::Observer* observer);
  // Told from the loop, soon, in the order of the calls. Nothing is told after an Error, which is
  // on_closed().
  void push(Event event);
  [[nodiscard]] const TransportEventCounts& counts() const { return counts_; }
  // Tells what waits, now. Only for a caller that the loop has called and that touches nothing of
  // itself afterwards: its owner may be gone.
  void deliver();

 private:
  void wake_if_needed();

  Association::Observer* observer_ = nullptr;
  std::deque<Event> waiting_;
  TransportEventCounts counts_;  // of those pushed
  bool closed_ = false;
  std::unique_ptr<Timer> soon_;  // null where the owner is woken
  std::function<void()> wake_;
  std::shared_ptr<bool> alive_;  // outlives this object while deliver() is on the stack
};

}  // namespace mayfly
