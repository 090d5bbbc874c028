#include "telemetry/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/printable.h"

namespace mayfly {
namespace {

bool continues_code_point(char each) { return (static_cast<unsigned char>(each) & 0xc0) == 0x80; }

}  // namespace

size_t columns_of(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(),
                                           [](char each) { return !continues_code_point(each); }));
}

std::string fitted(std::string_view text, size_t columns) {
  const std::string clean = printable(text);
  if (columns_of(clean) <= columns) return clean;
  const std::string_view tail = std::string_view("...").substr(0, columns);
  size_t end = 0;
  for (size_t kept = 0; kept < columns - tail.size() + 1; ++end) {
    if (!continues_code_point(clean[end])) ++kept;
  }
  return clean.substr(0, end - 1) + std::string(tail);
}

std::string count_text(uint64_t count) {
  if (count < 1'000'000) return fmt::format("{}", count);
  double value = static_cast<double>(count);
  constexpr std::array kSuffixes = {'k', 'M', 'G', 'T', 'P', 'E'};
  size_t suffix = 0;
  for (value /= 1000; value >= 999.5 && suffix + 1 < kSuffixes.size(); ++suffix) value /= 1000;
  return fmt::format("{:.3g}{}", value, kSuffixes[suffix]);
}

std::string media_time_text(Duration time) {
  const int64_t seconds = std::max<int64_t>(0, time.count()) / 1'000'000;
  const int64_t minutes = seconds / 60;
  if (minutes < 60) return fmt::format("{}:{:02}", minutes, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", minutes / 60, minutes % 60, seconds % 60);
}

std::string rate_text(DataRate rate) {
  const auto bits = static_cast<double>(rate.bits_per_second());
  if (bits >= 999.5e6) return fmt::format("{:.2f} Gbit/s", bits / 1e9);
  if (bits >= 999.5e3) return fmt::format("{:.2f} Mbit/s", bits / 1e6);
  return fmt::format("{:.0f} kbit/s", bits / 1e3);
}

std::string milliseconds_text(Duration duration) {
  const double value = to_milliseconds(duration);
  return value < 9.95 ? fmt::format("{:.1f}", value) : fmt::format("{:.0f}", value);
}

std::string share_text(uint64_t part, uint64_t whole) {
  if (whole == 0) return "-";
  double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (part < whole) percent = std::min(percent, 99.9);
  if (part > 0) percent = std::max(percent, 0.1);
  return fmt::format("{:.1f}%", percent);
}

}  // namespace mayfly
