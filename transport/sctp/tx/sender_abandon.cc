// The sender's part in partial reliability (RFC 3758 3.5, RFC 7496).
#include <algorithm>
#include <utility>

#include "transport/sctp/packet/chunk/forward_tsn_chunk.h"
#include "transport/sctp/packet/chunk/i_forward_tsn_chunk.h"
#include "transport/sctp/tx/sender.h"

namespace mayfly::sctp {

bool Sender::may_give_up(const SentChunk& chunk, Timestamp now) const {
  const MessageInTransit& message = *chunk.fragment.message;
  if (!partial_reliability_ || message.abandoned) return false;
  if (message.is_expired(now)) return true;
  // RFC 7496 3.1: the first transmission is not counted.
  return message.max_retransmissions && chunk.transmissions > *message.max_retransmissions;
}

void Sender::give_up(const std::shared_ptr<MessageInTransit>& message) {
  if (message->abandoned) return;
  message->abandoned = true;
  for (UnwrappedTsn tsn = *message->first_tsn; tsn <= message->last_tsn; ++tsn) {
    const SentChunk* const chunk = outstanding_.find(tsn);
    if (chunk == nullptr || chunk->fragment.message != message) continue;
    if (chunk->state != ChunkState::Acked) outstanding_.set_state(tsn, ChunkState::Abandoned);
  }
  if (!message->is_whole()) {
    // The peer may have all that was sent, and would wait for the rest for ever: there must be a
    // TSN for the FORWARD TSN to pass.
    outbox_.drop(*message);
    outstanding_.add_abandoned(
        {.message = message, .offset = static_cast<uint32_t>(message->bytes_taken)});
  }
  tell(*message, Fate::AbandonedSent);
  advance_forward();
}

void Sender::give_up_lost(Timestamp now) {
  while (outstanding_.has_lost()) {
    const SentChunk& chunk = *outstanding_.find(outstanding_.first_lost());
    if (!may_give_up(chunk, now)) return;
    give_up(chunk.fragment.message);
  }
}

bool Sender::may_pass(const SentChunk& chunk) const {
  // All of a message that was given up, also what arrived of it: the peer will throw it away.
  if (chunk.fragment.message->abandoned) return true;
  // RFC 3758 3.5 C2 stops here. What arrived whole and was not promised anyway may be passed as
  // well, so that a run of messages of which every other one is given up costs one FORWARD TSN and
  // not one round trip each. What is reliable may not: the peer could still take back its gap block
  // (RFC 9260 6.2.1 D iii), nor a part of a message, which the peer would throw away.
  const Fragment& fragment = chunk.fragment;
  return chunk.state == ChunkState::Acked && fragment.begins() && fragment.ends() &&
         !fragment.message->is_reliable();
}

void Sender::advance_forward() {
  const UnwrappedTsn before = std::max(forward_, outstanding_.cumulative());
  forward_ = before;
  for (UnwrappedTsn tsn = before + 1; tsn < outstanding_.next_tsn(); ++tsn) {
    const SentChunk& chunk = *outstanding_.find(tsn);
    if (!may_pass(chunk)) break;
    // Also past what arrived of an abandoned message behind its last gap: nobody else would tell
    // the peer that the beginning of it never comes.
    if (chunk.fragment.message->abandoned) forward_ = tsn;
  }
  if (forward_ > before) forward_due_ = true;
  if (forward_ <= outstanding_.cumulative()) {
    // The peer knows.
    forward_due_ = false;
    forward_again_.reset();
  }
}

std::optional<Forward> Sender::next_forward(PathId path, Timestamp now, size_t room) {
  if (!forward_due_ || forward_ <= outstanding_.cumulative()) return std::nullopt;
  const size_t record =
      interleaving_ ? WireRecord<SkippedMessage>::kBytes : WireRecord<SkippedSequence>::kBytes;
  if (room < ForwardTsnChunk::kHeaderBytes + record) return std::nullopt;
  const size_t most = (room - ForwardTsnChunk::kHeaderBytes) / record;
  Forward told{.cumulative = outstanding_.cumulative(), .skips = {}};
  std::map<std::pair<StreamId, bool>, size_t> places;
  for (UnwrappedTsn tsn = told.cumulative + 1; tsn <= forward_; ++tsn) {
    const SentChunk& chunk = *outstanding_.find(tsn);
    const MessageInTransit& message = *chunk.fragment.message;
    // RFC 3758 3.2: DATA that is unordered is not listed; RFC 8260 2.3.1: I-DATA always.
    if (message.abandoned && (message.ordered || interleaving_)) {
      const auto [place, is_new] =
          places.try_emplace({message.message.stream, message.ordered}, told.skips.size());
      if (is_new && told.skips.size() == most) break;  // the rest another time
      if (is_new) told.skips.emplace_back();
      told.skips[place->second] = {message.message.stream, message.ordered, message.ssn,
                                   message.mid};
    }
    told.cumulative = tsn;
  }
  forward_due_ = false;
  // RFC 3758 3.5 C4, F3: it may be lost like any chunk.
  const SendPath& send_path = paths_[path];
  const Duration wait =
      send_path.backoff() == 0 ? send_path.patience() : send_path.retransmission_timeout();
  forward_again_ = now + std::max<Duration>(wait, 10ms);
  return told;
}

}  // namespace mayfly::sctp
