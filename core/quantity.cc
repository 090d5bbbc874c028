#include "core/quantity.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

namespace mayfly {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array kDurationUnits = {Unit{"us", 1}, Unit{"ms", 1e3}, Unit{"s", 1e6},
                                       Unit{"min", 60e6}};
constexpr std::array kRateUnits = {Unit{"bit/s", 1}, Unit{"kbit/s", 1e3}, Unit{"Mbit/s", 1e6},
                                   Unit{"Gbit/s", 1e9}};
constexpr std::array kSizeUnits = {Unit{"B", 1},         Unit{"kB", 1e3},
                                   Unit{"MB", 1e6},      Unit{"KiB", 1 << 10},
                                   Unit{"MiB", 1 << 20}, Unit{"GiB", 1 << 30}};

// The text as number and unit: "1.5ms" is 1.5 and "ms". Nothing when it does not start with a
// number.
std::optional<std::pair<double, std::string_view>> split(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(number) || number < 0) return std::nullopt;
  std::string_view unit(rest, static_cast<size_t>(end - rest));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  return std::pair{number, unit};
}

Result<double> parse_with_unit(std::string_view text, std::span<const Unit> units,
                               std::string_view what) {
  // 2^53: beyond it a double no longer counts in ones.
  constexpr double kLargest = 9007199254740992.0;
  if (const auto parts = split(text)) {
    for (const Unit& unit : units) {
      const double value = std::round(parts->first * unit.factor);
      if (parts->second == unit.name && value <= kLargest) return value;
    }
  }
  return failure(ErrorCode::InvalidArgument, fmt::format("\"{}\" is not {}", text, what));
}

// The largest unit in which the value is a whole number.
std::string whole_in(double value, std::span<const Unit> units) {
  const Unit* best = &units.front();
  for (const Unit& unit : units) {
    if (unit.factor > best->factor && std::fmod(value, unit.factor) == 0) best = &unit;
  }
  if (value == 0) best = &units.front();
  return fmt::format("{}{}", static_cast<int64_t>(value / best->factor), best->name);
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  ASSIGN_OR_RETURN(const double value,
                   parse_with_unit(text, kDurationUnits, "a duration like \"120ms\" or \"1.5s\""));
  return Duration(static_cast<int64_t>(value));
}

Result<DataRate> parse_data_rate(std::string_view text) {
  ASSIGN_OR_RETURN(const double value,
                   parse_with_unit(text, kRateUnits, "a rate like \"4Mbit/s\" or \"800kbit/s\""));
  return DataRate::bits_per_second(static_cast<int64_t>(value));
}

Result<size_t> parse_data_size(std::string_view text) {
  ASSIGN_OR_RETURN(
      const double value,
      parse_with_unit(text, kSizeUnits, "a size like \"1200B\", \"64KiB\" or \"8MiB\""));
  return static_cast<size_t>(value);
}

Result<double> parse_percentage(std::string_view text) {
  if (const auto parts = split(text); parts && parts->second == "%" && parts->first <= 100) {
    return parts->first / 100;
  }
  return failure(ErrorCode::InvalidArgument,
                 fmt::format("\"{}\" is not a percentage from \"0%\" to \"100%\"", text));
}

Result<int64_t> parse_integer(std::string_view text, int64_t low, int64_t high) {
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc{} && rest == end && value >= low && value <= high) return value;
  return failure(ErrorCode::InvalidArgument,
                 fmt::format("\"{}\" is not a whole number from {} to {}", text, low, high));
}

std::string to_text(Duration duration) {
  if (duration == Duration::zero()) return "0ms";
  return whole_in(static_cast<double>(duration.count()), std::span(kDurationUnits).first(3));
}

std::string to_text(DataRate rate) {
  return whole_in(static_cast<double>(rate.bits_per_second()), kRateUnits);
}

std::string data_size_text(size_t bytes) {
  constexpr std::array kBinary = {Unit{"B", 1}, Unit{"KiB", 1 << 10}, Unit{"MiB", 1 << 20}};
  return whole_in(static_cast<double>(bytes), kBinary);
}

std::string percentage_text(double fraction) {
  const double exact = fraction * 100;
  const auto candidate = [exact](int digits) {
    const std::string text = fmt::format("{:.{}e}", exact, digits);
    double rounded = 0;
    std::from_chars(text.data(), text.data() + text.size(), rounded);
    return rounded;
  };
  // Multiplying rounds, so 7% is 7.000000000000001 by now: the fewest digits that mean the same
  // fraction are the ones that were written.
  constexpr int kAllDigits = 17;
  int digits = 0;
  while (digits < kAllDigits && candidate(digits) / 100 != fraction) ++digits;
  double percentage = candidate(digits);
  if (percentage / 100 != fraction) {
    const double below = std::nextafter(exact, 0.0);
    percentage = below / 100 == fraction ? below : std::nextafter(exact, 1000.0);
  }
  std::array<char, 400> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), percentage, std::chars_format::fixed);
  return std::string(text.data(), end) + "%";
}

}  // namespace mayfly
