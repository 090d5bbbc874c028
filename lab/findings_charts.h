#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "lab/findings.h"

namespace mayfly {

// The states of a frame as columns and colours.
struct FateColumnOfVerdict {
  const char* key;
  const char* title;
  uint64_t ClassVerdict::*count;
};
inline constexpr std::array kFateColumnsOfVerdict = {
    FateColumnOfVerdict{"shown", "shown", &ClassVerdict::shown},
    FateColumnOfVerdict{"undecodable", "undecodable", &ClassVerdict::undecodable},
    FateColumnOfVerdict{"late", "late", &ClassVerdict::late},
    FateColumnOfVerdict{"abandoned_unsent", "abandoned unsent", &ClassVerdict::abandoned_unsent},
    FateColumnOfVerdict{"abandoned_sent", "abandoned sent", &ClassVerdict::abandoned_sent},
    FateColumnOfVerdict{"lost", "lost", &ClassVerdict::lost}};

// Rows are told apart by the CSS classes row-0 to row-4, in turn.
inline constexpr size_t kRowColours = 5;

// Charts as inline SVG; the colours come from the page.
[[nodiscard]] std::string latency_cdf(const CellFindings& cell);
[[nodiscard]] std::string fates_chart(const CellFindings& cell);

}  // namespace mayfly
