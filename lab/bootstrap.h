#pragma once

#include <vector>

namespace mayfly {

// A mean over seeds with its 95 % interval.
struct Interval {
  double mean = 0;
  double lo = 0;
  double hi = 0;

  friend bool operator==(const Interval&, const Interval&) = default;
};

// By bootstrap (Efron 1979, percentile form): seeds are drawn anew with replacement, the same draws
// every time. Of a single value the interval is that value: there is nothing to tell its spread by.
[[nodiscard]] Interval bootstrap_mean(const std::vector<double>& values);
// Of the differences seed by seed, which share their channel: `ours` less `theirs`, of equal
// length.
[[nodiscard]] Interval bootstrap_difference(const std::vector<double>& ours,
                                            const std::vector<double>& theirs);

}  // namespace mayfly
