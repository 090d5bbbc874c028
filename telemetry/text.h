#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/units.h"

namespace mayfly {

inline constexpr size_t kTerminalColumns = 80;

// Code points in a UTF-8 text: near enough to terminal columns for the names of clips.
[[nodiscard]] size_t columns_of(std::string_view text);
// The printable text, cut to `columns` with "..." at its end where it was longer. Never cuts inside
// a code point.
[[nodiscard]] std::string fitted(std::string_view text, size_t columns);
// A count in at most six columns: 123456, 1.23M, 45.6G.
[[nodiscard]] std::string count_text(uint64_t count);
// "0:07", "12:34", "1:02:03".
[[nodiscard]] std::string media_time_text(Duration time);
// "1.52 Mbit/s", "830 kbit/s".
[[nodiscard]] std::string rate_text(DataRate rate);
// Milliseconds as a person reads them: "7.4", "42", "1250".
[[nodiscard]] std::string milliseconds_text(Duration duration);
// 0.98765 as "98.8%"; never "100.0%" of a whole that is not complete, nor "0.0%" of something.
[[nodiscard]] std::string share_text(uint64_t part, uint64_t whole);

}  // namespace mayfly
