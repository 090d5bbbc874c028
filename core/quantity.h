#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/units.h"

namespace mayfly {

// Quantities as people write them, everywhere the same: in the config, on the command line, in link
// specifications and in reports. A number without its unit is refused; the error says what would be
// right.
[[nodiscard]] Result<Duration> parse_duration(
    std::string_view text);  // "120ms", "1.5s", "250us", "2min"
[[nodiscard]] Result<DataRate> parse_data_rate(
    std::string_view text);  // "4Mbit/s", "800kbit/s", "1Gbit/s"
[[nodiscard]] Result<size_t> parse_data_size(
    std::string_view text);  // "1200B", "64KiB", "8MiB", "2MB"
[[nodiscard]] Result<double> parse_percentage(
    std::string_view text);  // "3%" gives 0.03; 0% to 100%
[[nodiscard]] Result<int64_t> parse_integer(std::string_view text, int64_t low, int64_t high);

// The shortest exact spelling that parses back to the same value.
[[nodiscard]] std::string to_text(Duration duration);
[[nodiscard]] std::string to_text(DataRate rate);
[[nodiscard]] std::string data_size_text(size_t bytes);
[[nodiscard]] std::string percentage_text(double fraction);

}  // namespace mayfly
