#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/units.h"
#include "transport/message.h"

namespace mayfly {

// A message that was given up: what Association::Observer::on_message_abandoned is told.
struct AbandonedMessage {
  MessageId id;
  StreamId stream;
  Abandonment what = Abandonment::Unsent;

  friend bool operator==(const AbandonedMessage&, const AbandonedMessage&) = default;
};

// A message on its way from the queue to the stack.
struct OutgoingMessage {
  Message message;
  SendOptions options;  // the lifetime is what is left of it
};

// The bounded queue in front of a stack. Strictly by priority and then by age, so that what matters
// overtakes what does not, and the place where messages expire before they were ever sent: usrsctp
// looks at a lifetime only after the first transmission, and what a stack holds can no longer be
// overtaken.
//
// When it is full, messages with a discard priority make room for those that count more.
//
// Ordered messages of one stream never overtake each other: one of a more urgent priority takes the
// priority of the ordered message it has to wait for.
class SendQueue {
 public:
  // Takes messages up to `limit_bytes`; is low at `low_bytes`.
  SendQueue(size_t limit_bytes, size_t low_bytes);

  // Fails with Exhausted when the message does not fit now, and InvalidArgument when it never will.
  // Abandons what counts less only if the message fits then, and no more of it than needed.
  // The lifetime begins at `now`.
  [[nodiscard]] Result<void> push(Message message, const SendOptions& options, Timestamp now);

  // The message whose turn it is, or null. Valid until the next call that changes the queue. What
  // has expired is abandoned first, so a lifetime found here is positive.
  [[nodiscard]] const OutgoingMessage* front(Timestamp now);
  // Takes out what front() showed.
  OutgoingMessage pop();

  // Abandons what expired by `now`. front() does so too; this is for when the stack takes nothing.
  void expire(Timestamp now);
  // When expire() next has something to do, unless the queue changes.
  [[nodiscard]] std::optional<Timestamp> next_deadline() const {
    if (deadlines_.empty()) return std::nullopt;
    return deadlines_.begin()->first;
  }
  // Abandons every message with this id.
  void abandon(MessageId id);
  void abandon_all();
  // The messages abandoned since the last call, each once, all of them unsent.
  [[nodiscard]] std::vector<AbandonedMessage> take_abandoned();

  // Whether, since the last call, room came back for a message that was refused, or the queue
  // drained from above its low mark to it.
  [[nodiscard]] bool take_low();

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] size_t messages() const { return entries_.size(); }
  [[nodiscard]] size_t queued_bytes() const { return queued_bytes_; }
  // What push() will still take. A run of messages of this many bytes in all is taken whole when
  // all but its last are at least kMinCharge long.
  [[nodiscard]] size_t free_bytes() const;
  // The same for a message of this discard priority, what would be abandoned for it included.
  [[nodiscard]] size_t room_for(std::optional<uint32_t> discard_priority) const;
  [[nodiscard]] uint64_t refused() const { return refused_; }

  // Small messages count as this much, or a queue full of them would take many times its bound in
  // memory.
  static constexpr size_t kMinCharge = 256;

 private:
  using Turn = std::pair<Priority, uint64_t>;  // effective priority, age
  struct Entry {
    OutgoingMessage outgoing;
    std::optional<Timestamp> deadline;
  };
  // The ordered messages of one stream that wait, so that none overtakes another.
  struct OrderedRun {
    size_t waiting = 0;
    Priority priority = 0;  // of the last
  };

  // Which of the discardable goes first: larger priorities as smaller complements, then by age.
  struct Discardable {
    uint32_t priority_complement = 0;
    Turn turn;
    friend bool operator<(const Discardable& a, const Discardable& b) {
      return std::pair(a.priority_complement, a.turn.second) <
             std::pair(b.priority_complement, b.turn.second);
    }
  };

  void make_room(size_t bytes);
  [[nodiscard]] Priority effective_priority(StreamId stream, const SendOptions& options);
  OutgoingMessage remove(std::map<Turn, Entry>::iterator entry);
  void abandon(std::map<Turn, Entry>::iterator entry);
  void note_drained(size_t charged_before);

  size_t limit_bytes_;
  size_t low_bytes_;
  uint64_t next_age_ = 0;
  size_t queued_bytes_ = 0;
  size_t charged_bytes_ = 0;
  std::optional<size_t> wanted_bytes_;  // the largest message refused and not yet told of room
  bool low_ = false;
  uint64_t refused_ = 0;
  std::map<Turn, Entry> entries_;
  std::set<std::pair<Timestamp, Turn>> deadlines_;
  std::set<Discardable> discardable_;
  std::map<uint32_t, size_t> discardable_charge_;  // by discard priority
  // Sorted, not hashed: many messages may have the same id, such as none.
  std::set<std::pair<MessageId, Turn>> by_id_;
  std::unordered_map<StreamId, OrderedRun> ordered_;
  std::vector<AbandonedMessage> abandoned_;
};

}  // namespace mayfly
