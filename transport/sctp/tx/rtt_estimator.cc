#include "transport/sctp/tx/rtt_estimator.h"

#include <algorithm>

namespace mayfly::sctp {
namespace {

constexpr Duration kMinimumWindow = 10s;

}  // namespace

void RttEstimator::sample(Duration rtt, Timestamp now) {
  rtt = std::max(rtt, Duration(1));
  if (!has_sample_) {
    // 6.3.1 C2
    smoothed_ = rtt;
    variation_ = rtt / 2;
    has_sample_ = true;
    window_began_ = now;
  } else {
    // 6.3.1 C3: alpha 1/8, beta 1/4, the variation first.
    variation_ += (std::chrono::abs(smoothed_ - rtt) - variation_) / 4;
    smoothed_ += (rtt - smoothed_) / 8;
  }
  if (now - window_began_ > kMinimumWindow) {
    minimum_before_ = minimum_;
    minimum_ = rtt;
    window_began_ = now;
  }
  minimum_ = std::min(minimum_, rtt);
}

Duration RttEstimator::retransmission_timeout() const {
  // 6.3.1 C1, C6, C7
  const Duration wanted = has_sample_ ? smoothed_ + std::max(4 * variation_, options_.granularity)
                                      : options_.rto_initial;
  return std::clamp(wanted, options_.rto_min, std::max(options_.rto_min, options_.rto_max));
}

Duration RttEstimator::probe_timeout() const {
  if (!has_sample_) return options_.rto_initial;
  return std::min(smoothed_ + std::max(4 * variation_, options_.granularity),
                  std::max(options_.rto_max, 2 * smoothed_));
}

}  // namespace mayfly::sctp
