#include "core/random.h"

#include <cmath>
#include <numbers>

#include "core/check.h"

namespace mayfly {

uint64_t Random::between(uint64_t low, uint64_t high) {
  MAYFLY_CHECK(low <= high);
  const uint64_t span = high - low + 1;  // 0 when the range is every 64-bit value
  return span == 0 ? bits() : low + bits() % span;
}

double Random::exponential(double mean) { return -mean * std::log1p(-uniform()); }

double Random::normal(double mean, double deviation) {
  const double radius = std::sqrt(-2 * std::log1p(-uniform()));
  return mean + deviation * radius * std::cos(2 * std::numbers::pi * uniform());
}

}  // namespace mayfly
