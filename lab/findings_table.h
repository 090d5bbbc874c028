#pragma once

#include <string>

#include "lab/findings.h"

namespace mayfly {

// Whoever moved a packet later than this may have changed what a row could show.
inline constexpr double kNotableBehindMs = 10;

// The findings for a terminal of 80 columns: the clip, and for each cell its network, its warnings,
// the bounds, and a line per row.
[[nodiscard]] std::string clip_lines(const Findings& findings);
[[nodiscard]] std::string cell_table(const CellFindings& cell);

// One line per cell and row, with a heading: for spreadsheets.
[[nodiscard]] std::string findings_csv(const Findings& findings);
// The whole of it, of schema "mayfly-compare/1" (docs/BENCHMARK.md).
[[nodiscard]] std::string findings_json(const Findings& findings);
// One page that asks the network for nothing.
[[nodiscard]] std::string findings_html(const Findings& findings);

}  // namespace mayfly
