#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>

#include "core/bytes.h"
#include "core/ids.h"
#include "core/result.h"
#include "transport/message.h"

namespace mayfly {

// One read from a stack: a whole message or a part of one (RFC 6458 6.1.7, partial delivery).
struct MessagePiece {
  StreamId stream;
  bool ordered = true;
  // Stream sequence number or message id, when the stack tells it and it means something.
  std::optional<uint32_t> sequence = std::nullopt;
  Ppid ppid;
  ByteView bytes;
  bool ends_message = false;  // MSG_EOR
};

// Puts partial deliveries together. The parts of one message come in order, but between them may
// come parts of messages of other streams, and unordered ones of the same.
class MessageAssembler {
 public:
  explicit MessageAssembler(size_t max_message_bytes) : max_message_bytes_(max_message_bytes) {}

  // The message that `piece` completes, if it does. Fails with Exhausted when the message, or all
  // incomplete ones together, are larger than allowed; the association cannot go on then.
  [[nodiscard]] Result<std::optional<Message>> add(const MessagePiece& piece);

  // The stack will not deliver the rest of what it began on this stream (RFC 6458 6.1.7,
  // SCTP_PARTIAL_DELIVERY_ABORTED). With `ordered`, only of ordered or of unordered messages.
  void abort_stream(StreamId stream, std::optional<bool> ordered = std::nullopt);
  // The peer has restarted or is gone: nothing that began will be completed.
  void abort_all();

  // Messages of which a part was delivered and the rest never will be.
  [[nodiscard]] uint64_t aborted() const { return aborted_; }
  [[nodiscard]] size_t incomplete_bytes() const { return incomplete_bytes_; }
  [[nodiscard]] size_t incomplete_messages() const { return incomplete_.size(); }

  // Bound of all incomplete messages together, in multiples of the largest message: one of them
  // can be on its way while others interleave with it.
  static constexpr size_t kMaxIncompleteFactor = 2;

 private:
  using Key = std::tuple<StreamId, bool, uint32_t>;  // stream, ordered, sequence
  struct Incomplete {
    Ppid ppid;
    Bytes bytes;
  };

  void drop_predecessors(const Key& key);
  std::map<Key, Incomplete>::iterator drop(std::map<Key, Incomplete>::iterator entry);

  size_t max_message_bytes_;
  size_t incomplete_bytes_ = 0;
  uint64_t aborted_ = 0;
  std::map<Key, Incomplete> incomplete_;
};

}  // namespace mayfly
