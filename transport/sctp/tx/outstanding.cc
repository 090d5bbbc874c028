#include "transport/sctp/tx/outstanding.h"

#include <numeric>

#include "core/check.h"

namespace mayfly::sctp {

SentChunk* Outstanding::find(UnwrappedTsn tsn) {
  if (tsn <= cumulative() || tsn >= next_) return nullptr;
  return &chunks_[static_cast<size_t>(tsn - cumulative() - 1)];
}

const SentChunk* Outstanding::find(UnwrappedTsn tsn) const {
  if (tsn <= cumulative() || tsn >= next_) return nullptr;
  return &chunks_[static_cast<size_t>(tsn - cumulative() - 1)];
}

size_t Outstanding::flight_bytes() const {
  return std::accumulate(flight_.begin(), flight_.end(), size_t{0});
}

void Outstanding::count(const SentChunk& chunk, UnwrappedTsn tsn, bool in) {
  const auto add = [in](size_t& sum, size_t amount) { in ? sum += amount : sum -= amount; };
  const std::pair turn(chunk.fragment.message->priority, tsn);
  switch (chunk.state) {
    case ChunkState::InFlight:
      add(flight_[chunk.path], chunk.wire_bytes);
      add(unacknowledged_payload_, chunk.fragment.length);
      break;
    case ChunkState::Lost:
      add(unacknowledged_payload_, chunk.fragment.length);
      if (in) {
        lost_.insert(turn);
      } else {
        lost_.erase(turn);
      }
      break;
    case ChunkState::Acked: add(acked_chunks_, 1); break;
    case ChunkState::Abandoned: break;
  }
}

UnwrappedTsn Outstanding::add(Fragment fragment, size_t wire_bytes, PathId path, Timestamp now) {
  const UnwrappedTsn tsn = next_;
  MessageInTransit& message = *fragment.message;
  if (!message.first_tsn) message.first_tsn = tsn;
  message.last_tsn = tsn;
  ++message.fragments_open;
  chunks_.push_back({.fragment = std::move(fragment),
                     .wire_bytes = wire_bytes,
                     .path = path,
                     .transmissions = 1,
                     .sent = now,
                     .order = ++last_order_});
  ++next_;
  held_payload_ += chunks_.back().fragment.length;
  count(chunks_.back(), tsn, true);
  return tsn;
}

void Outstanding::add_abandoned(Fragment rest) {
  rest.message->last_tsn = next_;
  ++rest.message->fragments_open;
  chunks_.push_back({.fragment = std::move(rest), .state = ChunkState::Abandoned});
  ++next_;
}

void Outstanding::send_again(UnwrappedTsn tsn, PathId path, Timestamp now) {
  SentChunk& chunk = *find(tsn);
  count(chunk, tsn, false);
  chunk.state = ChunkState::InFlight;
  chunk.path = path;
  chunk.sent = now;
  chunk.order = ++last_order_;
  ++chunk.transmissions;
  count(chunk, tsn, true);
}

void Outstanding::set_state(UnwrappedTsn tsn, ChunkState state) {
  SentChunk& chunk = *find(tsn);
  count(chunk, tsn, false);
  chunk.state = state;
  count(chunk, tsn, true);
}

void Outstanding::revive(UnwrappedTsn tsn, Timestamp now) {
  set_state(tsn, ChunkState::InFlight);
  SentChunk& chunk = *find(tsn);
  chunk.sent = now;
  chunk.order = ++last_order_;
  chunk.revived = true;
}

void Outstanding::pop_front() {
  MAYFLY_DCHECK(!chunks_.empty());
  count(chunks_.front(), cumulative() + 1, false);
  held_payload_ -= chunks_.front().fragment.length;
  --chunks_.front().fragment.message->fragments_open;
  chunks_.pop_front();
}

}  // namespace mayfly::sctp
