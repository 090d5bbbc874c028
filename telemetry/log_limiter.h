#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/units.h"

namespace mayfly {

struct LogLimits {
  uint64_t burst = 20;  // lines of one kind at once
  Duration every = 5s;  // and then one more each
};

// Keeps a flood of log lines from filling a disk: lets so many of each kind through and counts the
// others, whose number goes with the next line of their kind. Kinds are few and known beforehand,
// never made from what a peer says.
class LogLimiter {
 public:
  explicit LogLimiter(LogLimits limits) : limits_(limits) {}

  struct Verdict {
    bool is_let_through = false;
    uint64_t suppressed = 0;  // of this kind, since the last that was let through
  };
  [[nodiscard]] Verdict ask(const std::string& kind, Timestamp now);
  // The kinds of which lines were suppressed and one may be written again, with how many; they
  // count as written.
  [[nodiscard]] std::vector<std::pair<std::string, uint64_t>> take_suppressed(Timestamp now);
  // Whether anything was suppressed that nobody has been told of.
  [[nodiscard]] bool owes() const;

 private:
  struct Kind {
    uint64_t allowed = 0;
    Timestamp refilled_at{};
    uint64_t suppressed = 0;
  };

  [[nodiscard]] Kind& refilled(const std::string& name, Timestamp now);

  const LogLimits limits_;
  std::map<std::string, Kind> kinds_;
};

}  // namespace mayfly
