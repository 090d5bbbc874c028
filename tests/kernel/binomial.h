#pragma once

#include <cmath>
#include <cstdint>
#include <utility>

namespace mayfly {

// How many of `trials` independent ones succeed: the range that is left at either side with at most
// `error` of probability. netem draws from no seed, so a test asserts such ranges and says how
// seldom chance alone breaks them.
[[nodiscard]] inline std::pair<uint64_t, uint64_t> binomial_range(uint64_t trials, double success,
                                                                  double error) {
  const auto n = static_cast<double>(trials);
  const auto probability = [&](uint64_t hits) {
    const auto k = static_cast<double>(hits);
    return std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) +
                    k * std::log(success) + (n - k) * std::log1p(-success));
  };
  uint64_t low = 0;
  for (double below = probability(low); below <= error && low < trials;) {
    below += probability(++low);
  }
  uint64_t high = trials;
  for (double above = probability(high); above <= error && high > low;) {
    above += probability(--high);
  }
  return {low, high};
}

}  // namespace mayfly
