#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/units.h"

namespace mayfly {

// When packets may leave: one delivery opportunity of 1500 bytes at each time, used byte by byte
// and lost when nothing waits; after the last the trace begins anew. The format of mahimahi
// (mm-link(1)): a millisecond per line.
struct CapacityTrace {
  std::vector<Duration> opportunities;  // ascending, never empty, the last later than zero
  std::string file{};                   // where it was read from; empty when it was made
  friend bool operator==(const CapacityTrace&, const CapacityTrace&) = default;
};

// Fails with NotFound or Io when the file cannot be read, else as below.
[[nodiscard]] Result<CapacityTrace> read_capacity_trace(const std::string& file);
// Fails with Malformed; the sentence names the line.
[[nodiscard]] Result<CapacityTrace> parse_capacity_trace(std::string_view text);

}  // namespace mayfly
