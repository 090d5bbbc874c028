#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <variant>

#include "netsim/link_model.h"

namespace mayfly {

// The place where packets queue: a drop-tail queue in front of a server with a rate, a capacity
// trace, or no limit at all. First in, first out.
class Bottleneck {
 public:
  Bottleneck(const LinkModel& model, Timestamp start);

  // When the last byte of a packet offered now has left, or nothing when the queue has no room for
  // it. `now` must not go backwards.
  [[nodiscard]] std::optional<Timestamp> offer(Timestamp now, size_t bytes);

 private:
  [[nodiscard]] std::optional<Timestamp> offer_to(std::monostate, Timestamp now, size_t bytes);
  [[nodiscard]] std::optional<Timestamp> offer_to(DataRate rate, Timestamp now, size_t bytes);
  [[nodiscard]] std::optional<Timestamp> offer_to(const CapacityTrace& trace, Timestamp now,
                                                  size_t bytes);
  // The time of the delivery opportunity the trace stands at.
  [[nodiscard]] Timestamp opportunity_time(const CapacityTrace& trace) const;
  // Moves to the first opportunity after `now`; those passed by are lost, as on mahimahi's links.
  void skip_opportunities(const CapacityTrace& trace, Timestamp now);
  void next_opportunity(const CapacityTrace& trace);

  std::variant<std::monostate, DataRate, CapacityTrace> capacity_;
  Duration queue_;
  Timestamp start_;

  // Rate: when the server will be idle, in nanoseconds since the start and a rest in parts of
  // 1/rate of one. Exact, because a hundred packets each rounded down would pass faster than the
  // rate, and at 1 Gbit/s whole microseconds would be a tenth of a packet.
  int64_t idle_at_ns_ = 0;
  int64_t idle_at_rest_ = 0;

  // Trace: where it stands, and what waits.
  struct Waiting {
    Timestamp departs;
    size_t bytes;
  };
  int64_t round_ = 0;
  size_t next_ = 0;
  size_t used_bytes_ = 0;  // of the opportunity it stands at
  size_t queue_bytes_ = 0;
  size_t waiting_bytes_ = 0;
  std::deque<Waiting> waiting_;
};

}  // namespace mayfly
