#include "transport/message_assembler.h"

#include <fmt/format.h>

#include "core/quantity.h"

namespace mayfly {

Result<std::optional<Message>> MessageAssembler::add(const MessagePiece& piece) {
  const Key key(piece.stream, piece.ordered, piece.sequence.value_or(0));
  if (piece.ordered) drop_predecessors(key);

  const auto found = incomplete_.find(key);
  const size_t before = found == incomplete_.end() ? 0 : found->second.bytes.size();
  if (before + piece.bytes.size() > max_message_bytes_) {
    return failure(ErrorCode::Exhausted,
                   fmt::format("the peer sent a message larger than {} on stream {}",
                               data_size_text(max_message_bytes_), piece.stream.value()));
  }
  if (found == incomplete_.end() && piece.ends_message) {
    return Message{piece.stream, piece.ppid, Bytes(piece.bytes.begin(), piece.bytes.end())};
  }
  if (incomplete_bytes_ + piece.bytes.size() > kMaxIncompleteFactor * max_message_bytes_) {
    return failure(
        ErrorCode::Exhausted,
        fmt::format("the peer began {} messages and completed none within {}", incomplete_.size(),
                    data_size_text(kMaxIncompleteFactor * max_message_bytes_)));
  }

  // What the first piece says of the message holds. With I-DATA, only the first fragment says it
  // (RFC 8260 2.1), and Linux gives the fragment's number for the identifier of those behind it.
  const auto entry = incomplete_.try_emplace(key, Incomplete{piece.ppid, {}}).first;
  Bytes& bytes = entry->second.bytes;
  bytes.insert(bytes.end(), piece.bytes.begin(), piece.bytes.end());
  incomplete_bytes_ += piece.bytes.size();
  if (!piece.ends_message) return std::nullopt;

  Message message{piece.stream, entry->second.ppid, std::move(bytes)};
  incomplete_bytes_ -= message.payload.size();
  incomplete_.erase(entry);
  return message;
}

// An ordered stream delivers one message after the other, so a new sequence number means that the
// message before it was given up by the sender.
void MessageAssembler::drop_predecessors(const Key& key) {
  const auto [stream, ordered, sequence] = key;
  auto entry = incomplete_.lower_bound({stream, ordered, 0});
  while (entry != incomplete_.end() && std::get<0>(entry->first) == stream &&
         std::get<1>(entry->first) == ordered) {
    entry = entry->first == key ? std::next(entry) : drop(entry);
  }
}

void MessageAssembler::abort_stream(StreamId stream, std::optional<bool> ordered) {
  for (auto entry = incomplete_.lower_bound({stream, false, 0});
       entry != incomplete_.end() && std::get<0>(entry->first) == stream;) {
    const bool meant = !ordered || std::get<1>(entry->first) == *ordered;
    entry = meant ? drop(entry) : std::next(entry);
  }
}

void MessageAssembler::abort_all() {
  for (auto entry = incomplete_.begin(); entry != incomplete_.end();) entry = drop(entry);
}

auto MessageAssembler::drop(std::map<Key, Incomplete>::iterator entry)
    -> std::map<Key, Incomplete>::iterator {
  ++aborted_;
  incomplete_bytes_ -= entry->second.bytes.size();
  return incomplete_.erase(entry);
}

}  // namespace mayfly
