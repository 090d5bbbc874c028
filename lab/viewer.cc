#include "lab/viewer.h"

#include <algorithm>
#include <deque>
#include <numeric>

namespace mayfly {
namespace {

constexpr size_t kAveragedGaps = 30;
constexpr Duration kFreezeMargin = 150ms;

struct Gap {
  size_t slots = 0;
  size_t beyond = 0;  // the own time of the picture that stood
};

// From each change of the picture to the next; they sum to the length of the clip. A gap ends with
// the slot in which the next picture comes, which is as long as the own slot of the one before; the
// last gap, if no picture comes, has none of the two.
std::vector<Gap> gaps_between_changes(const std::vector<bool>& shown) {
  std::vector<Gap> gaps;
  size_t since_change = 0;
  for (const bool each : shown) {
    ++since_change;
    if (!each) continue;
    gaps.push_back({since_change, since_change - 1});
    since_change = 0;
  }
  if (since_change > 0) gaps.push_back({since_change, since_change});
  return gaps;
}

// W3C webrtc-stats: a gap of max(3 x average, average + 150 ms), the average over the last 30
// before it. Until there is one, pictures are taken to have come at their rate.
class FreezeRule {
 public:
  explicit FreezeRule(Duration interval) : interval_(interval) {}

  [[nodiscard]] bool is_freeze(Duration gap) const {
    const Duration average = recent_.empty()
                                 ? interval_
                                 : std::accumulate(recent_.begin(), recent_.end(), Duration{}) /
                                       static_cast<int64_t>(recent_.size());
    return gap >= std::max(3 * average, average + kFreezeMargin);
  }
  void add(Duration gap) {
    recent_.push_back(gap);
    if (recent_.size() > kAveragedGaps) recent_.pop_front();
  }

 private:
  Duration interval_;
  std::deque<Duration> recent_;
};

}  // namespace

ViewerFigures figures_of_viewer(const std::vector<bool>& shown, Duration interval) {
  ViewerFigures figures;
  if (shown.empty()) return figures;
  FreezeRule rule(interval);
  double sum = 0;
  double squares = 0;
  Duration stood{};
  for (const Gap& each : gaps_between_changes(shown)) {
    const Duration gap = interval * static_cast<int64_t>(each.slots);
    const Duration beyond = interval * static_cast<int64_t>(each.beyond);
    figures.longest_freeze = std::max(figures.longest_freeze, beyond);
    stood += beyond;
    if (rule.is_freeze(gap)) {
      ++figures.freezes;
      figures.frozen += gap;
    }
    rule.add(gap);
    sum += to_seconds(gap);
    squares += to_seconds(gap) * to_seconds(gap);
  }
  figures.freeze_ratio = to_seconds(stood) / sum;
  figures.harmonic_fps = sum / squares;
  return figures;
}

}  // namespace mayfly
