#pragma once

#include <chrono>
#include <cstddef>

#include "core/units.h"

namespace mayfly::sctp {

// Spreads packets over time: a bucket that fills at the rate, and holds `burst_bytes` or what the
// rate fills in a millisecond, so that a fast path is not fed in smaller portions than the system
// hands over at once. Without a rate everything may go at once.
class Pacer {
 public:
  // No portion is larger, unless `burst_bytes` is.
  static constexpr size_t kMaxPortion = 256 << 10;

  explicit Pacer(size_t burst_bytes) : burst_bytes_(burst_bytes) {}

  // From here on; zero: no limit.
  void set_rate(DataRate rate) { rate_ = rate; }
  [[nodiscard]] DataRate rate() const { return rate_; }
  void on_sent(size_t bytes, Timestamp now);
  // When the next packet may go; not after `now`: at once.
  [[nodiscard]] Timestamp next_send() const;

 private:
  // A packet takes less than a microsecond on the fastest paths.
  using Fine = std::chrono::time_point<MonotonicEpoch, std::chrono::nanoseconds>;
  [[nodiscard]] std::chrono::nanoseconds time_for(size_t bytes) const;

  size_t burst_bytes_;
  DataRate rate_;
  Fine paid_until_{};  // the moment at which the bucket is full again
};

}  // namespace mayfly::sctp
