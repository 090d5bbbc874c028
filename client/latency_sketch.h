#pragma once

#include <cstdint>
#include <map>

#include "core/units.h"
#include "telemetry/playback_stats.h"

namespace mayfly {

// Percentiles of durations in bounded memory: exact below 512 us, and above that no more than
// 0.4 % too high, for however long it counts. The largest is exact.
class LatencySketch {
 public:
  // Negative durations count as zero: two clocks are never related exactly.
  void add(Duration latency);
  void add(const LatencySketch& other);
  [[nodiscard]] LatencySummary summary() const;
  // The smallest duration that at least this share of all does not exceed; zero when there are
  // none.
  [[nodiscard]] Duration quantile(double share) const;

 private:
  std::map<uint32_t, uint64_t> buckets_;
  uint64_t count_ = 0;
  Duration max_{};
};

}  // namespace mayfly
