#pragma once

#include <array>
#include <cstdint>

#include "netsim/bottleneck.h"
#include "netsim/keyed_random.h"
#include "netsim/link_model.h"
#include "netsim/loss_channel.h"

namespace mayfly {

// What a link did with the packets offered to it. offered = lost + dropped_by_queue + delivered.
struct LinkStats {
  uint64_t offered = 0;
  uint64_t lost = 0;              // by the loss model or in an outage
  uint64_t dropped_by_queue = 0;  // no room
  uint64_t delivered = 0;
  uint64_t duplicated = 0;  // second copies, not in `delivered`
  uint64_t bytes_delivered = 0;

  friend bool operator==(const LinkStats&, const LinkStats&) = default;
};

// One direction of a path at work: told that a packet comes, it says when it comes out. A packet
// waits in the queue, takes its time at the rate, is then lost or not (so that lost packets have
// used the capacity, as on the air), and travels for the delay and its jitter.
//
// Pure: holds no packets and no clock. The same model, seed and offers give the same answers; and
// what a packet meets depends on when it leaves the queue, not on how many went before (Bernoulli
// loss, fading, jitter, duplicates), so different senders with one seed meet one channel.
class Link {
 public:
  enum class Outcome : uint8_t { Delivered, Lost, QueueFull };
  struct Passage {
    Outcome outcome = Outcome::Lost;
    Timestamp departure{};              // when its last byte left the queue, lost or not
    size_t copies = 0;                  // 0, 1, or 2 when the link duplicated it
    std::array<Timestamp, 2> arrivals;  // the first `copies` of them

    [[nodiscard]] Timestamp arrival() const { return arrivals[0]; }
  };

  // Outages and traces count from `start`.
  Link(const LinkModel& model, uint64_t seed, Timestamp start);

  // The same channel from its first moment, without a capacity: for questions about the losses
  // alone.
  [[nodiscard]] Link without_capacity() const;

  // `now` must not go backwards from call to call. `bytes` is what the capacity is to count.
  [[nodiscard]] Passage offer(Timestamp now, size_t bytes);

  [[nodiscard]] const LinkStats& stats() const { return stats_; }
  [[nodiscard]] const LinkModel& model() const { return model_; }
  [[nodiscard]] Timestamp start() const { return start_; }

 private:
  [[nodiscard]] ChannelSlot slot_at(Duration since_start);
  [[nodiscard]] bool in_outage(Duration since_start) const;
  [[nodiscard]] Timestamp arrival_of(Timestamp departure, const ChannelSlot& slot,
                                     uint64_t purpose);

  LinkModel model_;
  uint64_t seed_;
  Timestamp start_;
  Bottleneck bottleneck_;
  LossChannel loss_;
  KeyedRandom keyed_;
  ChannelSlot slot_;
  Timestamp latest_arrival_;
  LinkStats stats_;
};

// The links of a path's two directions, whose randomness is independent.
[[nodiscard]] Link up_link(const PathModel& path, Timestamp start);
[[nodiscard]] Link down_link(const PathModel& path, Timestamp start);

}  // namespace mayfly
