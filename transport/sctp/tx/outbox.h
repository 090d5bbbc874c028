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

  // The message whose fragment is next, or null. One that was begun may have expired meanwhile: it
  // is the caller's to abandon, with drop().
  [[nodiscard]] MessageInTransit* front(Timestamp now);
  // The payload of front()'s next fragment.
  [[nodiscard]] size_t front_bytes() const;
  // The next fragment of front().
  [[nodiscard]] Fragment take();
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

  [[nodiscard]] size_t most_urgent_begun() const;
  [[nodiscard]] bool may_interrupt(const OutgoingMessage& waiting,
                                   const MessageInTransit& begun) const;
  void begin(Timestamp now);
  void number(MessageInTransit& message);

  OutboxOptions options_;
  SendQueue queue_;
  std::vector<std::shared_ptr<MessageInTransit>> begun_;  // one without interleaving
  size_t front_ = 0;                                      // index into begun_
  std::map<StreamId, Numbers> numbers_;
};

}  // namespace mayfly::sctp
