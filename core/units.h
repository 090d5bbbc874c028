#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>

namespace mayfly {

using namespace std::chrono_literals;  // NOLINT: durations are written as 120ms everywhere

using Duration = std::chrono::microseconds;

// Two epochs, so that a network time and a media time never mix: the difference of two timestamps
// is a Duration, and nothing else between the two compiles.
struct MonotonicEpoch {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<MonotonicEpoch>;
  static constexpr bool is_steady = true;
};
struct MediaEpoch {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<MediaEpoch>;
  static constexpr bool is_steady = true;
};

// A moment on this host's monotonic clock, or on a simulation's.
using Timestamp = MonotonicEpoch::time_point;
// A presentation or decode time inside a clip.
using MediaTime = MediaEpoch::time_point;

[[nodiscard]] constexpr double to_seconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1e6;
}
[[nodiscard]] constexpr double to_milliseconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1e3;
}

// A rate of data, in bits per second as the field counts it.
class DataRate {
 public:
  constexpr DataRate() = default;
  [[nodiscard]] static constexpr DataRate bits_per_second(int64_t value) { return DataRate(value); }
  [[nodiscard]] static constexpr DataRate of(size_t bytes, Duration over) {
    return DataRate(over.count() <= 0 ? 0
                                      : static_cast<int64_t>(static_cast<double>(bytes) * 8e6 /
                                                             static_cast<double>(over.count())));
  }

  [[nodiscard]] constexpr int64_t bits_per_second() const { return bits_per_second_; }
  // How long `bytes` take at this rate, rounded up. The rate must not be zero.
  [[nodiscard]] constexpr Duration time_for(size_t bytes) const {
    const auto microbits = static_cast<double>(bytes) * 8e6;
    const auto exact = microbits / static_cast<double>(bits_per_second_);
    const auto whole = static_cast<int64_t>(exact);
    return Duration(whole + (exact > static_cast<double>(whole) ? 1 : 0));
  }
  [[nodiscard]] constexpr size_t bytes_in(Duration duration) const {
    return static_cast<size_t>(static_cast<double>(bits_per_second_) * to_seconds(duration) / 8);
  }

  friend constexpr auto operator<=>(const DataRate&, const DataRate&) = default;

 private:
  constexpr explicit DataRate(int64_t bits_per_second) : bits_per_second_(bits_per_second) {}

  int64_t bits_per_second_ = 0;
};

}  // namespace mayfly
