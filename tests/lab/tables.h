#pragma once

#include <string>

#include "lab/findings_table.h"

namespace mayfly {

// All that a comparison tells on the terminal.
[[nodiscard]] inline std::string tables_of(const Findings& findings) {
  std::string text = clip_lines(findings);
  for (const CellFindings& each : findings.cells) text += "\n" + cell_table(each);
  return text;
}

}  // namespace mayfly
