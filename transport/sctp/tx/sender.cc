#include "transport/sctp/tx/sender.h"

#include <algorithm>
#include <utility>

#include "core/check.h"

namespace mayfly::sctp {
namespace {

// Chunks sent again that are remembered, to recognise the report of a duplicate.
constexpr size_t kMaxSentAgain = 1024;

}  // namespace

Sender::Sender(const SenderOptions& options, Tsn initial)
    : options_(options),
      outbox_(options.outbox),
      outstanding_(UnwrappedTsn::first(initial)),
      forward_(outstanding_.cumulative()) {}

void Sender::connected(const Peer& peer) {
  connected_ = true;
  partial_reliability_ = peer.forward_tsn;
  interleaving_ = peer.interleaving;
  peer_window_ = peer.a_rwnd;
  outbox_.negotiated(peer.interleaving, peer.a_rwnd / 2);
}

PathId Sender::add_path() {
  MAYFLY_CHECK(paths_.size() < kMaxPaths);
  paths_.emplace_back(options_.rtt, options_.congestion(options_.window), options_.window.mtu_bytes,
                      options_.burst_packets);
  return static_cast<PathId>(paths_.size() - 1);
}

void Sender::abandon_all() {
  outbox_.queue().abandon_all();
  // What is begun and what is outstanding overlap; `abandoned` keeps each from being told twice.
  const auto end = [this](MessageInTransit& message) {
    if (!std::exchange(message.abandoned, true)) tell(message, Fate::AbandonedSent);
  };
  for (UnwrappedTsn tsn = outstanding_.cumulative() + 1; tsn < outstanding_.next_tsn(); ++tsn) {
    end(*outstanding_.find(tsn)->fragment.message);
  }
  const auto begun = outbox_.begun();
  for (const auto& message : begun) {
    end(*message);
    outbox_.drop(*message);
  }
}

std::optional<size_t> Sender::next_payload(Timestamp now) {
  // RFC 3758 3.5 A, RFC 7496 3: the lifetime is looked at before each fragment.
  for (auto next = outbox_.next(now); next; next = outbox_.next(now)) {
    if (!next->begun || !partial_reliability_ || !next->begun->is_expired(now)) return next->bytes;
    give_up(next->begun);
  }
  return std::nullopt;
}

bool Sender::window_takes(size_t payload) const {
  // RFC 9260 6.1 A: within the peer's window, or one chunk to probe a closed one.
  const size_t used = outstanding_.unacknowledged_payload();
  if (used > 0 && used + payload > peer_window_) return false;
  // A peer that tells of everything but the first, and may take all of it back, must not have more
  // kept for it than may wait.
  const size_t held = outstanding_.held_payload();
  return held == 0 || held + payload <= options_.outbox.limit_bytes;
}

bool Sender::wants_to_send(PathId id, Timestamp now) {
  if (!connected_) return false;
  const SendPath& path = paths_[id];
  if (path.next_send() > now) return false;
  give_up_lost(now);
  const size_t flight = outstanding_.flight_bytes(id);
  if (outstanding_.has_lost() && path.has_room_again(flight)) return true;
  if (!path.has_room(flight)) return false;
  const auto payload = next_payload(now);
  return payload && window_takes(*payload);
}

std::optional<ChunkToSend> Sender::next_chunk(PathId path, Timestamp now, size_t room) {
  if (!connected_) return std::nullopt;
  give_up_lost(now);
  // RFC 9260 6.1 C: what is to be sent again goes before what is new.
  if (outstanding_.has_lost()) return next_lost(path, now, room);
  return next_new(path, now, room);
}

std::optional<ChunkToSend> Sender::next_lost(PathId id, Timestamp now, size_t room) {
  SendPath& path = paths_[id];
  const size_t flight = outstanding_.flight_bytes(id);
  const UnwrappedTsn tsn = outstanding_.first_lost();
  const SentChunk& chunk = *outstanding_.find(tsn);
  if (!path.has_room_again(flight) || chunk.wire_bytes > room) return std::nullopt;
  outstanding_.send_again(tsn, id, now);
  path.loss.on_sent({tsn, chunk.order, now});
  path.on_chunk_sent(chunk.wire_bytes, true, flight, now);
  ++stats_.chunks_retransmitted;
  sent_again_[tsn] = {id, chunk.overtaken};
  if (sent_again_.size() > kMaxSentAgain) sent_again_.erase(sent_again_.begin());
  return ChunkToSend{.tsn = tsn, .fragment = chunk.fragment, .immediate = true};
}

std::optional<ChunkToSend> Sender::next_new(PathId id, Timestamp now, size_t room) {
  SendPath& path = paths_[id];
  const size_t flight = outstanding_.flight_bytes(id);
  if (!path.has_room(flight)) return std::nullopt;
  const auto payload = next_payload(now);
  if (!payload || wire_bytes(*payload) > room || !window_takes(*payload)) return std::nullopt;
  const Fragment fragment = outbox_.take(now);
  const UnwrappedTsn tsn = outstanding_.add(fragment, wire_bytes(*payload), id, now);
  path.loss.on_sent({tsn, outstanding_.last_order(), now});
  path.on_chunk_sent(wire_bytes(*payload), false, flight, now);
  ++stats_.chunks_sent;
  // RFC 7053 4: the last chunk for now should not wait for a companion at the receiver.
  return ChunkToSend{.tsn = tsn, .fragment = fragment, .immediate = !has_more(id)};
}

bool Sender::has_more(PathId id) const {
  return !outbox_.empty() && paths_[id].has_room(outstanding_.flight_bytes(id)) &&
         window_takes(options_.outbox.max_fragment_bytes);
}

std::optional<Timestamp> Sender::next_time(PathId id, Timestamp now) {
  std::optional<Timestamp> next = outbox_.queue().next_deadline();
  const auto at = [&](Timestamp when) { next = next ? std::min(*next, when) : when; };
  for (PathId each = 0; each < paths_.size(); ++each) {
    const Transmission* const oldest = oldest_in_flight(each);
    if (oldest == nullptr) continue;
    SendPath& path = paths_[each];
    at(path.missed_at(oldest->sent));
    const auto lost =
        path.loss.lost_at(*oldest, path.rtt, outstanding_.acked_chunks(), path.in_recovery());
    if (lost) at(*lost);
  }
  if (forward_due_) at(now);
  if (forward_again_) at(*forward_again_);
  if (!connected_) return next;
  // Without pacing the packet would have gone already.
  const Timestamp paced = paths_[id].next_send();
  if (paced > now && (outstanding_.has_lost() || has_more(id))) at(paced);
  return next;
}

uint32_t Sender::on_time(Timestamp now) {
  uint32_t timed_out = 0;
  outbox_.queue().expire(now);
  for (PathId id = 0; id < paths_.size(); ++id) {
    detect_losses(id, now);
    check_missed(id, now, timed_out);
  }
  give_up_lost(now);
  if (forward_again_ && *forward_again_ <= now) forward_due_ = true;
  return timed_out;
}

const Transmission* Sender::oldest_in_flight(PathId path) {
  return paths_[path].loss.oldest([this](const Transmission& transmission) {
    const SentChunk* const chunk = outstanding_.find(transmission.tsn);
    return chunk != nullptr && chunk->state == ChunkState::InFlight &&
           chunk->order == transmission.order;
  });
}

void Sender::detect_losses(PathId id, Timestamp now) {
  SendPath& path = paths_[id];
  while (const Transmission* const oldest = oldest_in_flight(id)) {
    const auto lost =
        path.loss.lost_at(*oldest, path.rtt, outstanding_.acked_chunks(), path.in_recovery());
    if (!lost || *lost > now) return;
    mark_lost(id, oldest->tsn, true, now);
  }
}

void Sender::check_missed(PathId id, Timestamp now, uint32_t& timed_out) {
  SendPath& path = paths_[id];
  const Transmission* oldest = oldest_in_flight(id);
  if (oldest == nullptr) return;
  // As it is before the probe: with the last one everything else begins to wait longer.
  const Duration patience = path.patience();
  if (path.missed_at(oldest->sent) > now) return;
  if (path.on_missed(outstanding_.next_tsn(), now)) {
    ++stats_.timeouts;
    timed_out |= 1U << id;
    // RFC 9260 6.3.3 E3: everything on this address.
    while ((oldest = oldest_in_flight(id)) != nullptr) mark_lost(id, oldest->tsn, false, now);
    return;
  }
  while (oldest != nullptr && oldest->sent + patience <= now) {
    mark_lost(id, oldest->tsn, false, now);
    oldest = oldest_in_flight(id);
  }
}

void Sender::mark_lost(PathId id, UnwrappedTsn tsn, bool overtaken, Timestamp now) {
  paths_[id].on_lost(tsn, outstanding_.next_tsn(), now);
  outstanding_.set_state(tsn, ChunkState::Lost);
  SentChunk& chunk = *outstanding_.find(tsn);
  chunk.overtaken = overtaken;
  if (may_give_up(chunk, now)) give_up(chunk.fragment.message);
}

void Sender::tell(const MessageInTransit& message, Fate fate) {
  fates_.push_back({message.id, message.message.stream, fate, message.message.payload.size()});
}

std::vector<MessageFate> Sender::take_fates() {
  for (const AbandonedMessage& each : outbox_.queue().take_abandoned()) {
    fates_.push_back({each.id, each.stream, Fate::AbandonedUnsent, 0});
  }
  return std::exchange(fates_, {});
}

}  // namespace mayfly::sctp
