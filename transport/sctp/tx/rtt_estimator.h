#pragma once

#include <algorithm>

#include "core/units.h"

namespace mayfly::sctp {

struct RttOptions {
  Duration rto_initial = 500ms;
  Duration rto_min = 100ms;
  Duration rto_max = 400ms;
  // The least by which an acknowledgement may be later than the mean before it is missed: timers
  // and clocks of hosts are no finer.
  Duration granularity = 1ms;
};

// The round trip of one path and the timeouts that follow from it (RFC 9260 6.3.1). Each chunk
// carries the time it was sent, so a measurement never hangs on one chunk: nothing that happens to
// a message can stop it.
class RttEstimator {
 public:
  explicit RttEstimator(const RttOptions& options) : options_(options) {}

  // `rtt` of something sent once only (6.3.1 C5, Karn's rule).
  void sample(Duration rtt, Timestamp now);

  [[nodiscard]] bool has_sample() const { return has_sample_; }
  [[nodiscard]] Duration smoothed() const { return smoothed_; }
  [[nodiscard]] Duration variation() const { return variation_; }
  // The least of the last ten to twenty seconds: what the path takes without queues.
  [[nodiscard]] Duration minimum() const { return std::min(minimum_, minimum_before_); }

  // RTO, without backoff: what ends in a collapse of the window.
  [[nodiscard]] Duration retransmission_timeout() const;
  // How long after its sending the acknowledgement of a chunk is missed (RFC 9002 6.2.1, where the
  // peer acknowledges at once): what ends in the chunk being sent again, no more.
  [[nodiscard]] Duration probe_timeout() const;

 private:
  RttOptions options_;
  bool has_sample_ = false;
  Duration smoothed_{};
  Duration variation_{};
  Duration minimum_ = Duration::max();
  Duration minimum_before_ = Duration::max();  // of the window before this one
  Timestamp window_began_{};
};

}  // namespace mayfly::sctp
