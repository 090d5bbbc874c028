#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "transport/sctp/tx/message_in_transit.h"
#include "transport/send_queue.h"

namespace mayfly::sctp {

struct OutboxOptions {
  size_t limit_bytes = 24 << 20;
  size_t low_bytes = 256 << 10;
  size_t max_fragment_bytes = 1224;  // payload of one chunk
  // I-DATA was negotiated: a message may be interrupted by one of another stream (RFC 8260).
  bool interleave = false;
  // No message is interrupted when all that were begun would then be larger than this together: the
  // peer must be able to hold them unfinished.
  size_t max_begun_bytes = 1 << 20;
};

// Messages that wait to be sent, and their cutting into fragments (RFC 9260 6.9). Strictly by
// priority, then by age; what has expired is not begun.
class Outbox {
 public:
  explicit Outbox(const OutboxOptions& options);

  // What the handshake found out; before the first fragment.
  void negotiated(bool interleave, size_t max_begun_bytes);
  // As SendQueue::push().
  [[nodiscard]] Result<void> push(Message message, const SendOptions& options, Timestamp now) {
    return queue_.push(std::move(message), options, now);
  }

  // Whose fragment is next. Nothing is begun by asking: until it goes out, something more urgent
  // may come, and what waits may be given up.
  struct Next {
    size_t bytes = 0;  // the fragment's payload
    // Null: not begun yet. It may have expired since, and is the caller's to abandon, with drop().
    std::shared_ptr<MessageInTransit> begun{};
  };
  [[nodiscard]] std::optional<Next> next(Timestamp now);
  // The fragment that next() told of, at the same time.
  [[nodiscard]] Fragment take(Timestamp now);
  // Makes no more fragments of a message that was begun.
  void drop(const MessageInTransit& message);

  [[nodiscard]] SendQueue& queue() { return queue_; }
  [[nodiscard]] const SendQueue& queue() const { return queue_; }
  // Accepted and not yet in a fragment.
  [[nodiscard]] size_t waiting_bytes() const;
  [[nodiscard]] bool empty() const { return begun_.empty() && queue_.empty(); }
  // Begun and not finished, for an association that ends.
  [[nodiscard]] const std::vector<std::shared_ptr<MessageInTransit>>& begun() const {
    return begun_;
  }

 private:
  struct Numbers {
    uint16_t ssn = 0;
    uint32_t ordered_mid = 0;
    uint32_t unordered_mid = 0;
  };

  using Begun = std::shared_ptr<MessageInTransit>;
  // Null: one that is to be begun.
  [[nodiscard]] Begun choose(const OutgoingMessage* waiting) const;
  [[nodiscard]] bool may_interrupt(const OutgoingMessage& waiting,
                                   const MessageInTransit& begun) const;
  [[nodiscard]] Begun begin(Timestamp now);
  void number(MessageInTransit& message);

  OutboxOptions options_;
  SendQueue queue_;
  std::vector<Begun> begun_;  // one without interleaving
  std::map<StreamId, Numbers> numbers_;
};

}  // namespace mayfly::sctp
