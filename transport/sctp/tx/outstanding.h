#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <set>
#include <utility>

#include "transport/sctp/path_id.h"
#include "transport/sctp/tx/message_in_transit.h"

namespace mayfly::sctp {

// Where a chunk that was sent stands.
//
//   InFlight --> Acked (by a gap block) --> gone (by the cumulative acknowledgement)
//    |  ^           | the peer took it back: InFlight
//    v  |
//   Lost --> Abandoned --> gone
enum class ChunkState : uint8_t { InFlight, Lost, Acked, Abandoned };

struct SentChunk {
  Fragment fragment;
  size_t wire_bytes = 0;  // with its header and padding
  ChunkState state = ChunkState::InFlight;
  PathId path = 0;  // of the last transmission
  uint32_t transmissions = 0;
  Timestamp sent{};        // the last time
  uint64_t order = 0;      // of the last transmission among all
  bool revived = false;    // `sent` is not when it was sent
  bool overtaken = false;  // lost because later ones arrived; else merely missed
};

// The chunks between the cumulative acknowledgement and the next TSN, with the sums that follow
// from their states: how much is in flight on each path (RFC 9260 1.3, flightsize), how much of the
// peer's window they take, which wait to be sent again.
class Outstanding {
 public:
  explicit Outstanding(UnwrappedTsn first) : next_(first) {}

  [[nodiscard]] UnwrappedTsn next_tsn() const { return next_; }
  // The last TSN that the peer, and everything before it, has told to have.
  [[nodiscard]] UnwrappedTsn cumulative() const { return next_ - chunks_.size() - 1; }
  [[nodiscard]] bool empty() const { return chunks_.empty(); }
  [[nodiscard]] size_t chunks() const { return chunks_.size(); }
  // Null when the TSN is not between the two.
  [[nodiscard]] SentChunk* find(UnwrappedTsn tsn);
  [[nodiscard]] const SentChunk* find(UnwrappedTsn tsn) const;

  // A fragment goes out for the first time; the answer is its TSN. `wire_bytes` of the chunk.
  UnwrappedTsn add(Fragment fragment, size_t wire_bytes, PathId path, Timestamp now);
  // A TSN that is never sent: it stands for the unsent rest of an abandoned message, so that a
  // FORWARD TSN can pass the message even when everything that was sent of it is acknowledged.
  void add_abandoned(Fragment rest);
  void send_again(UnwrappedTsn tsn, PathId path, Timestamp now);
  void set_state(UnwrappedTsn tsn, ChunkState state);
  // Counts as sent just now, though it was not: what the peer took back gets its time again.
  void revive(UnwrappedTsn tsn, Timestamp now);
  // Forgets the first chunk: the cumulative acknowledgement has passed it.
  void pop_front();

  [[nodiscard]] size_t flight_bytes(PathId path) const { return flight_[path]; }
  [[nodiscard]] size_t flight_bytes() const;
  // Payload that is in flight or will be again: what the peer's window was spent on.
  [[nodiscard]] size_t unacknowledged_payload() const { return unacknowledged_payload_; }
  // Payload of all chunks, also of those that only gap blocks tell of: what is kept in memory.
  [[nodiscard]] size_t held_payload() const { return held_payload_; }
  [[nodiscard]] size_t acked_chunks() const { return acked_chunks_; }  // by gap blocks
  // The chunk to be sent again first: by the priority of its message, then by TSN.
  [[nodiscard]] bool has_lost() const { return !lost_.empty(); }
  [[nodiscard]] UnwrappedTsn first_lost() const { return lost_.begin()->second; }
  [[nodiscard]] uint64_t last_order() const { return last_order_; }

 private:
  void count(const SentChunk& chunk, UnwrappedTsn tsn, bool in);

  UnwrappedTsn next_;
  std::deque<SentChunk> chunks_;
  std::array<size_t, kMaxPaths> flight_{};
  size_t unacknowledged_payload_ = 0;
  size_t held_payload_ = 0;
  size_t acked_chunks_ = 0;
  uint64_t last_order_ = 0;
  std::set<std::pair<Priority, UnwrappedTsn>> lost_;
};

}  // namespace mayfly::sctp
