#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "transport/message.h"
#include "transport/send_queue.h"

namespace mayfly {

// Knows which message was handed to the stack under which token (the 32-bit context of RFC 6458
// 5.3.4), so that the stack's notifications, one for every chunk it gave up, become one report per
// message. Stacks do not tell what was acknowledged, so the ledger keeps the newest messages only.
class AbandonmentLedger {
 public:
  // `capacity`: at least as many messages as the stack can hold at a time.
  explicit AbandonmentLedger(size_t capacity = 16'384) : capacity_(capacity) {}

  // The token to hand to the stack with the message. Tokens count up and wrap.
  [[nodiscard]] uint32_t handed_over(MessageId id, StreamId stream);
  // Nothing of the newest message went in after all, or its sending failed: the token is void.
  void take_back(uint32_t token);

  // The stack gave up a chunk of the message, or all of it. Unknown tokens are ignored.
  void chunk_abandoned(uint32_t token, Abandonment what);
  // The messages abandoned since the last call, each once for ever. To be called when the stack has
  // told all it had to tell: Sent wins over Unsent among the chunks until then.
  [[nodiscard]] std::vector<AbandonedMessage> take_abandoned();

  // The stack holds nothing any more: whatever it had is acknowledged or was reported.
  void settle();

  // Messages that may still be reported.
  [[nodiscard]] size_t size() const { return entries_.size(); }

 private:
  enum class State : uint8_t { Open, AbandonedUnsent, AbandonedSent, Closed };
  struct Entry {
    MessageId id;
    StreamId stream;
    State state = State::Open;
  };

  [[nodiscard]] Entry* find(uint32_t token);

  size_t capacity_;
  uint32_t first_token_ = 1;  // of entries_.front()
  std::deque<Entry> entries_;
  std::vector<uint32_t> touched_;  // tokens with something to report, in the order of the events
};

}  // namespace mayfly
