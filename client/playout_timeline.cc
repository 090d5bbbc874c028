#include "client/playout_timeline.h"

#include <algorithm>

#include "core/check.h"

namespace mayfly {

Timestamp PlayoutTimeline::deadline(MediaTime dts) const {
  if (paused_after_ && dts > *paused_after_) return Timestamp::max();
  return start_ + playout_delay_ + (dts - first_dts_) + held_back(dts);
}

MediaTime PlayoutTimeline::position(Timestamp now) const {
  if (paused_after_) return *paused_after_;
  // What was held back falls in a gap of the timeline: inside one, the position is where it opened.
  const MediaTime unpaused = first_dts_ + (now - start_ - playout_delay_);
  MediaTime position = unpaused;
  for (const Stop& stop : stops_) {
    if (unpaused - (stop.total - stop.stood) <= stop.after) break;
    position = std::max(stop.after, unpaused - stop.total);
  }
  return position;
}

void PlayoutTimeline::pause(Timestamp now) {
  if (is_paused()) return;
  MediaTime after = position(now);
  if (!stops_.empty()) after = std::max(after, stops_.back().after);
  paused_after_ = after;
  paused_at_ = now;
}

void PlayoutTimeline::resume(Timestamp now) {
  if (!is_paused()) return;
  stops_.push_back({*paused_after_, std::max(now - paused_at_, Duration::zero()), {}});
  paused_after_.reset();
  add_totals();
}

void PlayoutTimeline::correct_pause(size_t which, Duration stood) {
  MAYFLY_CHECK(which < stops_.size());
  stops_[which].stood = std::max(stood, Duration::zero());
  add_totals();
}

Duration PlayoutTimeline::held_back(MediaTime dts) const {
  const auto beyond = std::ranges::lower_bound(stops_, dts, {}, &Stop::after);
  return beyond == stops_.begin() ? Duration::zero() : std::prev(beyond)->total;
}

void PlayoutTimeline::add_totals() {
  Duration total{};
  for (Stop& stop : stops_) stop.total = total += stop.stood;
}

}  // namespace mayfly
