#include "telemetry/log_limiter.h"

#include <algorithm>

namespace mayfly {

LogLimiter::Kind& LogLimiter::refilled(const std::string& name, Timestamp now) {
  const auto [entry, is_new] = kinds_.try_emplace(name, Kind{limits_.burst, now, 0});
  Kind& kind = entry->second;
  const auto earned = static_cast<uint64_t>(std::max<int64_t>(
      0, (now - kind.refilled_at).count() / std::max<int64_t>(1, limits_.every.count())));
  kind.allowed = std::min(limits_.burst, kind.allowed + std::min(earned, limits_.burst));
  kind.refilled_at += limits_.every * static_cast<int64_t>(earned);
  if (kind.allowed == limits_.burst) kind.refilled_at = now;
  return kind;
}

LogLimiter::Verdict LogLimiter::ask(const std::string& name, Timestamp now) {
  Kind& kind = refilled(name, now);
  if (kind.allowed == 0) {
    ++kind.suppressed;
    return {};
  }
  --kind.allowed;
  return {true, std::exchange(kind.suppressed, 0)};
}

std::vector<std::pair<std::string, uint64_t>> LogLimiter::take_suppressed(Timestamp now) {
  std::vector<std::pair<std::string, uint64_t>> told;
  for (const auto& [name, known] : kinds_) {
    if (known.suppressed == 0) continue;
    Kind& kind = refilled(name, now);
    if (kind.allowed == 0) continue;
    --kind.allowed;
    told.emplace_back(name, std::exchange(kind.suppressed, 0));
  }
  return told;
}

bool LogLimiter::owes() const {
  return std::any_of(kinds_.begin(), kinds_.end(),
                     [](const auto& each) { return each.second.suppressed > 0; });
}

}  // namespace mayfly
