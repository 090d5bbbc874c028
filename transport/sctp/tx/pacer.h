#pragma once

#include <cstddef>

#include "core/units.h"

namespace mayfly::sctp {

// Spreads packets over time: a bucket that holds `burst_bytes` and fills at the rate. Without a
// rate everything may go at once.
class Pacer {
 public:
  explicit Pacer(size_t burst_bytes) : burst_bytes_(burst_bytes) {}

  // From here on; zero: no limit.
  void set_rate(DataRate rate) { rate_ = rate; }
  [[nodiscard]] DataRate rate() const { return rate_; }
  void on_sent(size_t bytes, Timestamp now);
  // When the next packet may go; not after `now`: at once.
  [[nodiscard]] Timestamp next_send() const;

 private:
  size_t burst_bytes_;
  DataRate rate_;
  Timestamp paid_until_{};  // the moment at which the bucket is full again
};

}  // namespace mayfly::sctp
