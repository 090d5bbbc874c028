#include "client/freeze_detector.h"

#include <algorithm>
#include <numeric>

namespace mayfly {

void FreezeDetector::add(MediaTime dts, MediaTime pts, Timestamp shown, Duration duration) {
  if (nominal_ == Duration::zero()) nominal_ = duration;
  waiting_.emplace(pts, shown);
  // Nothing that is decoded from here on is shown before `dts`.
  while (!waiting_.empty() && waiting_.begin()->first <= dts) {
    show(waiting_.extract(waiting_.begin()).mapped());
  }
}

void FreezeDetector::end(Timestamp end) {
  for (const auto& [pts, shown] : waiting_) show(shown);
  waiting_.clear();
  if (last_shown_ && end > *last_shown_) judge(end - *last_shown_);
  last_shown_.reset();
}

void FreezeDetector::show(Timestamp shown) {
  if (last_shown_) judge(std::max(shown - *last_shown_, Duration::zero()));
  last_shown_ = last_shown_ ? std::max(*last_shown_, shown) : shown;
}

void FreezeDetector::judge(Duration gap) {
  const Duration sum = std::accumulate(gaps_.begin(), gaps_.end(), Duration::zero());
  const Duration average =
      gaps_.empty() ? nominal_ : sum / static_cast<Duration::rep>(gaps_.size());
  if (gap >= std::max(3 * average, average + 150ms)) {
    ++summary_.count;
    summary_.longest = std::max(summary_.longest, gap);
    summary_.total += gap;
  }
  gaps_.push_back(gap);
  if (gaps_.size() > kAveragedGaps) gaps_.pop_front();
}

}  // namespace mayfly
