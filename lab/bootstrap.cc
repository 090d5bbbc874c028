#include "lab/bootstrap.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "core/check.h"
#include "core/random.h"

namespace mayfly {
namespace {

constexpr size_t kResamples = 2000;
constexpr uint64_t kSeed = 20'260'101;  // any: the intervals of a result must not change

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

Interval bootstrap_mean(const std::vector<double>& values) {
  if (values.empty()) return {};
  const double mean = mean_of(values);
  Random random(kSeed);
  std::vector<double> means(kResamples);
  for (double& each : means) {
    double sum = 0;
    for (size_t i = 0; i < values.size(); ++i) sum += values[random.between(0, values.size() - 1)];
    each = sum / static_cast<double>(values.size());
  }
  std::sort(means.begin(), means.end());
  // The mean of equal values is rounded; no interval may leave it out for that.
  return {mean, std::min(mean, means[kResamples / 40]),
          std::max(mean, means[kResamples - 1 - kResamples / 40])};
}

Interval bootstrap_difference(const std::vector<double>& ours, const std::vector<double>& theirs) {
  MAYFLY_CHECK(ours.size() == theirs.size());
  std::vector<double> differences(ours.size());
  for (size_t i = 0; i < ours.size(); ++i) differences[i] = ours[i] - theirs[i];
  return bootstrap_mean(differences);
}

}  // namespace mayfly
