#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "transport/message.h"
#include "transport/sctp/unwrapped_tsn.h"

namespace mayfly::sctp {

// A message of which at least one fragment was made. Shared by its fragments, each of which knows
// its bytes by place only.
struct MessageInTransit {
  Message message;
  MessageId id;
  bool ordered = true;
  Priority priority = 0;
  std::optional<Timestamp> deadline{};            // RFC 7496 3, RFC 3758: end of its lifetime
  std::optional<uint32_t> max_retransmissions{};  // RFC 7496 3.1
  StreamSequence ssn;                             // as DATA, when ordered
  MessageIdentifier mid;                          // as I-DATA
  size_t bytes_taken = 0;                         // in fragments so far
  uint32_t fragments_taken = 0;
  std::optional<UnwrappedTsn> first_tsn{};
  UnwrappedTsn last_tsn{};
  uint32_t fragments_open = 0;  // sent, and the cumulative acknowledgement has not passed them
  bool abandoned = false;

  [[nodiscard]] bool is_whole() const { return bytes_taken == message.payload.size(); }
  [[nodiscard]] bool is_expired(Timestamp now) const { return deadline && *deadline <= now; }
  // Whether it may be given up at all.
  [[nodiscard]] bool is_reliable() const { return !deadline && !max_retransmissions; }
};

// What one DATA or I-DATA chunk carries.
struct Fragment {
  std::shared_ptr<MessageInTransit> message;
  uint32_t offset = 0;
  uint32_t length = 0;
  uint32_t fsn = 0;  // fragment sequence number, RFC 8260 2.1

  [[nodiscard]] bool begins() const { return offset == 0; }
  [[nodiscard]] bool ends() const { return offset + length == message->message.payload.size(); }
  [[nodiscard]] ByteView payload() const {
    return ByteView(message->message.payload).subspan(offset, length);
  }
};

// What became of a message, told once.
enum class Fate : uint8_t {
  Delivered,        // every chunk of it is acknowledged
  AbandonedUnsent,  // never on the wire
  AbandonedSent,    // given up after some of it was sent: the peer may have it all the same
};
struct MessageFate {
  MessageId id;
  StreamId stream;
  Fate fate = Fate::Delivered;
  size_t bytes = 0;

  friend bool operator==(const MessageFate&, const MessageFate&) = default;
};

}  // namespace mayfly::sctp
