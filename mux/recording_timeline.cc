#include "mux/recording_timeline.h"

#include <algorithm>

namespace mayfly {
namespace {

// A step back by less is a fault of the clip's clock, which the container evens out; by more, the
// clip has started over.
constexpr Duration kStepBackOfAJump = 1s;

}  // namespace

std::optional<Duration> RecordingTimeline::shift_for(const Frame& frame) {
  const auto found = last_dts_.find(frame.track);
  const bool known = found != last_dts_.end();
  if (known && found->second.joined && frame.dts + shift_ + kStepBackOfAJump < found->second.dts) {
    jump_pending_ = true;
  }
  if (jump_pending_) jump_to(frame);

  const MediaTime dts = frame.dts + shift_;
  if (known && !found->second.joined && dts <= found->second.dts) return std::nullopt;
  end_ = std::max(end_, dts + frame.duration);
  last_dts_[frame.track] = {.dts = dts, .joined = true};
  return shift_;
}

void RecordingTimeline::jump_to(const Frame& frame) {
  jump_pending_ = false;
  shift_ = end_ - frame.dts;
  for (auto& [track, last] : last_dts_) last.joined = false;
}

}  // namespace mayfly
