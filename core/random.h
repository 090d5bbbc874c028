#pragma once

#include <cstdint>
#include <random>

namespace mayfly {

// Seeded randomness, handed in from outside like time. The distributions are our own because the
// standard's may differ between libraries, and a seed must mean the same run everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  [[nodiscard]] uint64_t bits() { return engine_(); }
  // In [0, 1).
  [[nodiscard]] double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  // In [low, high], which must not be reversed.
  [[nodiscard]] uint64_t between(uint64_t low, uint64_t high);
  [[nodiscard]] bool chance(double probability) { return uniform() < probability; }
  // Exponential with the given mean.
  [[nodiscard]] double exponential(double mean);
  // Normal, by Box and Muller.
  [[nodiscard]] double normal(double mean, double deviation);
  // An independent generator for a part of the experiment, so that adding draws in one part does
  // not move the draws of another.
  [[nodiscard]] Random fork(uint64_t purpose) {
    return Random(bits() ^ purpose * 0x9e3779b97f4a7c15ULL);
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace mayfly
