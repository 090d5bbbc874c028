#include "demux/playout_schedule.h"

#include <algorithm>

namespace mayfly {
namespace {

// A clip whose frames claim no time at all still takes some for each turn of a loop.
constexpr Duration kShortestTurn = 10ms;
// What a frame lasts that does not say.
constexpr Duration kAssumedDuration = 40ms;

}  // namespace

void PlayoutSchedule::place(Frame& frame) {
  const auto found = tracks_.find(frame.track);
  const TrackPosition* known = found == tracks_.end() ? nullptr : &found->second;
  const Duration shift = latest_end_ ? shift_for(frame, known) : Duration::zero();
  newest_shift_ = shift;
  const Duration move = shift + postponed_;
  frame.dts += move;
  frame.pts += move;
  const MediaTime unpostponed = frame.dts - postponed_;
  tracks_[frame.track] = {shift, unpostponed, frame.duration};
  const Duration lasts = std::clamp(frame.duration, Duration::zero(), options_.longest_gap);
  latest_end_ = std::max(latest_end_.value_or(frame.dts), frame.dts + lasts);
}

void PlayoutSchedule::begin(Timestamp at, MediaTime first_dts) {
  started_at_ = at;
  first_dts_ = first_dts;
}

bool PlayoutSchedule::continues(const TrackPosition& track, MediaTime dts) const {
  // Ahead it is held against the whole playout: the sound of a clip may pause.
  const MediaTime end = std::max(track.last_dts + track.last_duration, *latest_end_ - postponed_);
  return dts <= end + options_.longest_gap && dts >= track.last_dts - options_.longest_step_back;
}

Duration PlayoutSchedule::shift_for(const Frame& frame, const TrackPosition* track) const {
  if (track == nullptr) {
    // A track that begins: judged against the playout as a whole.
    const TrackPosition whole{newest_shift_, *latest_end_ - postponed_, {}};
    if (continues(whole, frame.dts + newest_shift_)) return newest_shift_;
    return *latest_end_ - postponed_ - frame.dts;
  }
  if (continues(*track, frame.dts + track->shift)) return track->shift;
  // Another track may have met the same jump before; following it keeps sound and picture together.
  if (continues(*track, frame.dts + newest_shift_)) return newest_shift_;
  const Duration lasts =
      track->last_duration > Duration::zero() && track->last_duration <= options_.longest_gap
          ? track->last_duration
          : kAssumedDuration;
  return track->last_dts + lasts - frame.dts;
}

Timestamp PlayoutSchedule::due(const Frame& frame) const {
  return started_at_ + stood_ + (frame.dts - first_dts_);
}

void PlayoutSchedule::pause(Timestamp now) {
  if (!paused_at_) paused_at_ = now;
}

void PlayoutSchedule::resume(Timestamp now) {
  if (!paused_at_) return;
  stood_ += now - *paused_at_;
  paused_at_.reset();
}

Timestamp PlayoutSchedule::end() const {
  const Duration length = latest_end_ ? *latest_end_ - first_dts_ : Duration::zero();
  return started_at_ + stood_ + std::max(length, kShortestTurn);
}

}  // namespace mayfly
