// What the sender learns from acknowledgements (RFC 9260 6.2.1).
#include <algorithm>
#include <array>

#include "transport/sctp/tx/sender.h"

namespace mayfly::sctp {

struct Sender::Acked {
  struct OfPath {
    size_t bytes = 0;
    std::optional<Transmission> newest;       // whatever it was
    std::optional<Transmission> newest_once;  // of those sent once: measures the round trip
  };
  struct Each {
    PathId path;
    Transmission transmission;
    bool sent_once;
  };
  std::array<OfPath, kMaxPaths> paths{};
  std::vector<Each> all{};
};

Sender::Verdict Sender::on_sack(const SackChunk& sack, Timestamp now) {
  const UnwrappedTsn cumulative = unwrap(sack.cumulative_tsn, outstanding_.cumulative());
  // RFC 9260 6.2.1 D i: a SACK that others overtook.
  if (cumulative < outstanding_.cumulative()) return Verdict::Stale;
  if (cumulative >= outstanding_.next_tsn()) return Verdict::AcksUnsent;
  std::array<size_t, kMaxPaths> flight{};
  for (PathId id = 0; id < paths_.size(); ++id) flight[id] = outstanding_.flight_bytes(id);

  Acked acked;
  take_cumulative(cumulative, acked);
  take_gaps(sack, cumulative, acked, now);
  peer_window_ = sack.a_rwnd;
  conclude(acked, now);
  take_duplicates(sack, now);
  for (PathId id = 0; id < paths_.size(); ++id) {
    detect_losses(id, now);
    if (acked.paths[id].bytes > 0) paths_[id].on_acked(acked.paths[id].bytes, flight[id], now);
    paths_[id].on_cumulative(cumulative);
  }
  advance_forward();
  return Verdict::Taken;
}

Sender::Verdict Sender::on_cumulative(Tsn tsn, Timestamp now) {
  const UnwrappedTsn cumulative = unwrap(tsn, outstanding_.cumulative());
  if (cumulative < outstanding_.cumulative()) return Verdict::Stale;
  if (cumulative >= outstanding_.next_tsn()) return Verdict::AcksUnsent;
  Acked acked;
  take_cumulative(cumulative, acked);
  conclude(acked, now);
  for (SendPath& path : paths_) path.on_cumulative(cumulative);
  advance_forward();
  return Verdict::Taken;
}

void Sender::take_cumulative(UnwrappedTsn cumulative, Acked& acked) {
  while (outstanding_.cumulative() < cumulative) {
    const UnwrappedTsn tsn = outstanding_.cumulative() + 1;
    const SentChunk& chunk = *outstanding_.find(tsn);
    note_acked(tsn, chunk, acked);
    const auto message = chunk.fragment.message;
    outstanding_.pop_front();
    if (message->fragments_open == 0 && message->is_whole() && !message->abandoned) {
      tell(*message, Fate::Delivered);
    }
  }
}

void Sender::take_gaps(const SackChunk& sack, UnwrappedTsn cumulative, Acked& acked,
                       Timestamp now) {
  size_t covered = 0;
  UnwrappedTsn done = cumulative;
  const UnwrappedTsn last = outstanding_.next_tsn() - 1;
  for (const GapAckBlock& block : sack.gap_blocks) {
    // Each TSN once, however the blocks overlap.
    const UnwrappedTsn end = std::min(cumulative + block.end, last);
    for (UnwrappedTsn tsn = std::max(cumulative + block.start, done + 1); tsn <= end; ++tsn) {
      const SentChunk& chunk = *outstanding_.find(tsn);
      done = tsn;
      if (chunk.state == ChunkState::Abandoned) continue;
      ++covered;
      if (chunk.state == ChunkState::Acked) continue;
      note_acked(tsn, chunk, acked);
      outstanding_.set_state(tsn, ChunkState::Acked);
    }
  }
  if (covered < outstanding_.acked_chunks()) revive_taken_back(sack, cumulative, now);
}

void Sender::revive_taken_back(const SackChunk& sack, UnwrappedTsn cumulative, Timestamp now) {
  // RFC 9260 6.2.1 D iii: what was told before and is not now counts as never received. Most often
  // an older SACK came late, so such a chunk gets its time again before it is lost.
  const UnwrappedTsn end = outstanding_.next_tsn();
  UnwrappedTsn next = cumulative + 1;
  for (const GapAckBlock& block : sack.gap_blocks) {
    const UnwrappedTsn start = std::min(cumulative + block.start, end);
    for (; next < start; ++next) take_back(next, now);
    next = std::max(next, cumulative + block.end + 1);
  }
  for (; next < end; ++next) take_back(next, now);
}

void Sender::take_back(UnwrappedTsn tsn, Timestamp now) {
  const SentChunk& chunk = *outstanding_.find(tsn);
  if (chunk.state != ChunkState::Acked) return;
  if (chunk.fragment.message->abandoned) {
    outstanding_.set_state(tsn, ChunkState::Abandoned);
    return;
  }
  outstanding_.revive(tsn, now);
  paths_[chunk.path].loss.on_sent({tsn, chunk.order, now});
}

void Sender::note_acked(UnwrappedTsn tsn, const SentChunk& chunk, Acked& acked) {
  if (chunk.state != ChunkState::InFlight && chunk.state != ChunkState::Lost) return;
  Acked::OfPath& path = acked.paths[chunk.path];
  const Transmission transmission{tsn, chunk.order, chunk.sent};
  const bool sent_once = chunk.transmissions == 1 && !chunk.revived;
  path.bytes += chunk.wire_bytes;
  acked.all.push_back({chunk.path, transmission, sent_once});
  const auto is_newer = [&](const std::optional<Transmission>& than) {
    return !than || transmission.order > than->order;
  };
  if (is_newer(path.newest)) path.newest = transmission;
  if (sent_once && is_newer(path.newest_once)) path.newest_once = transmission;
}

void Sender::conclude(const Acked& acked, Timestamp now) {
  for (PathId id = 0; id < paths_.size(); ++id) {
    const Acked::OfPath& path = acked.paths[id];
    // The newest is what made the peer send the SACK. When that was sent more than once, the others
    // have waited for it, and measure nothing (RFC 9260 6.3.1 C5).
    const bool once = path.newest_once && path.newest_once->order == path.newest->order;
    if (path.newest) paths_[id].spacing.on_acked(path.newest->sent, once, now);
    if (path.newest) heard_ |= 1U << id;
    if (once) {
      paths_[id].rtt.sample(now - path.newest_once->sent, now);
    }
  }
  for (const auto& each : acked.all) {
    paths_[each.path].loss.on_acked(each.transmission, each.sent_once, paths_[each.path].rtt, now);
  }
  for (SendPath& path : paths_) path.loss.on_acks_end(now);
}

void Sender::take_duplicates(const SackChunk& sack, Timestamp now) {
  for (const Tsn duplicate : sack.duplicates) {
    const auto found = sent_again_.find(unwrap(duplicate, outstanding_.cumulative()));
    if (found == sent_again_.end()) continue;
    ++stats_.chunks_retransmitted_in_vain;
    paths_[found->second.path].on_spurious(found->first, found->second.overtaken, now);
    sent_again_.erase(found);
  }
}

}  // namespace mayfly::sctp
