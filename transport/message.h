#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.h"
#include "core/ids.h"
#include "core/result.h"
#include "core/units.h"

namespace mayfly {

// A user message: what goes in at one end comes out at the other whole, or not at all (RFC
// 9260 1.5.3).
struct Message {
  StreamId stream;
  Ppid ppid;
  Bytes payload;
};

// Who goes first when both wait: the smaller value. Strict: nothing of a larger value is sent while
// something of a smaller one can be.
using Priority = uint16_t;

// How a message is to be treated. A message without lifetime, retransmission limit and discard
// priority is reliable. At most one of the three may be set.
struct SendOptions {
  bool ordered = true;
  // RFC 7496 3 / RFC 3758: counted from send(). The message is abandoned when it has not been
  // acknowledged by then, and is never put on the wire after it. Must be positive.
  std::optional<Duration> lifetime{};
  // RFC 7496 3.1: how often each chunk may be sent again. 0: sent once.
  std::optional<uint32_t> max_retransmissions{};
  // RFC 7496 3.2, the priority policy: the message waits as long as it takes, but when the send
  // buffer is full it is abandoned to make room for one that counts more: one of a smaller discard
  // priority, or one that has none. The largest goes first, and the oldest among equals.
  std::optional<uint32_t> discard_priority{};
  Priority priority = 0;
  // Comes back in Association::Observer::on_message_abandoned. Need not be unique.
  MessageId id{};
};

// Fails with InvalidArgument for what an association of so many streams, and messages of at most so
// many bytes, cannot send: also for options that exclude each other.
[[nodiscard]] Result<void> check_message(const Message& message, const SendOptions& options,
                                         size_t max_message_bytes, uint16_t streams);

// What is known of an abandoned message.
enum class Abandonment : uint8_t {
  Unsent,  // nothing of it was ever on the wire: the peer cannot have it
  Sent,    // some or all of it was sent and then given up: the peer may have it all the same
};

}  // namespace mayfly
