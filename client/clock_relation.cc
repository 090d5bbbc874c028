#include "client/clock_relation.h"

#include <algorithm>

#include "core/check.h"

namespace mayfly {
namespace {

// Times further apart than this are nonsense, and nothing below overflows with less.
constexpr Duration kLongestSession = 24h * 366 * 100;
// Two clocks that count whole microseconds and drift may contradict each other by this much.
constexpr Duration kTolerance = 1ms;

bool is_possible(const ClockSample& sample) {
  if (sample.received < Duration::zero() || sample.replied > kLongestSession) return false;
  if (sample.replied < sample.received || sample.returned < sample.sent) return false;
  return sample.returned - sample.sent + kTolerance >= sample.replied - sample.received;
}

}  // namespace

bool ClockRelation::add(const ClockSample& sample) {
  if (!is_possible(sample)) return false;
  const Duration at_server = sample.replied - sample.received;
  const Duration round_trip =
      std::max((sample.returned - sample.sent) - at_server, Duration::zero());
  const Timestamp arrival = sample.sent + round_trip / 2;
  const Timestamp believed_before = samples_.empty() ? Timestamp() : samples_.front().server_zero;
  const bool was_known = is_known();
  while (!samples_.empty() && samples_.back().round_trip >= round_trip) samples_.pop_back();
  samples_.push_back({sample.returned, arrival - sample.received, round_trip});
  while (samples_.size() > 1 && samples_.front().at + window_ < sample.returned) {
    samples_.pop_front();
  }
  return !was_known || samples_.front().server_zero != believed_before;
}

Timestamp ClockRelation::to_player(Duration server_time) const {
  MAYFLY_CHECK(is_known());
  return samples_.front().server_zero + server_time;
}

Duration ClockRelation::round_trip() const {
  return samples_.empty() ? Duration::zero() : samples_.front().round_trip;
}

}  // namespace mayfly
