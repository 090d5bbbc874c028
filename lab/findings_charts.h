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

// What tells a row apart by CSS: a colour by its name, row-0 to row-8, and whether it is real.
[[nodiscard]] std::string row_classes(const Row& row);

// Charts as inline SVG; the colours come from the page.
[[nodiscard]] std::string latency_cdf(const CellFindings& cell);
[[nodiscard]] std::string fates_chart(const CellFindings& cell);

}  // namespace mayfly
