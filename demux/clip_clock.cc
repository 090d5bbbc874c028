#include "demux/clip_clock.h"

#include <algorithm>

namespace mayfly {
namespace {

// What a packet lasts that does not say.
constexpr Duration kShortestStep{1};

}  // namespace

void ClipClock::follow(Position& track, MediaTime told, Duration lasts) {
  lasts = std::max(lasts, kShortestStep);
  const Duration correction = correction_for(track, told, lasts);
  track.before_jump.reset();
  if (correction != track.correction) {
    track.before_jump = track.correction;
    track.correction = correction;
    add(correction);
  }
  const MediaTime at = told + correction;
  track.last = std::max(track.last.value_or(at), at);
  track.lasts = lasts;
  latest_end_ = std::max(latest_end_.value_or(at), at + std::min(lasts, kLongestGap));
}

void ClipClock::add(Duration correction) {
  const auto known = corrections_.begin() + static_cast<std::ptrdiff_t>(corrections_known_);
  if (std::find(corrections_.begin(), known, correction) != known) return;
  if (corrections_known_ < corrections_.size()) ++corrections_known_;
  std::shift_right(corrections_.begin(), corrections_.end(), 1);
  corrections_.front() = correction;
}

bool ClipClock::continues(const Position& track, MediaTime time, bool ends) const {
  const auto from = track.last ? track.last : latest_end_;
  if (!from) return true;
  if (time < *from - kLongestStepBack) return false;
  return !ends || time <= std::max(*from + track.lasts, *latest_end_) + kLongestGap;
}

Duration ClipClock::correction_for(const Position& track, MediaTime told, Duration lasts) const {
  if (track.before_jump) {
    // Was it only the packet before whose time was damaged?
    const MediaTime undisturbed = told + *track.before_jump;
    const MediaTime expected = *track.last + track.lasts;
    if (undisturbed > *track.last && undisturbed <= expected + kLongestStepBack) {
      return *track.before_jump;
    }
  }
  if (continues(track, told + track.correction, may_jump_ahead_)) return track.correction;
  // Another track met the same jump before.
  for (size_t index = 0; index < corrections_known_; ++index) {
    if (continues(track, told + corrections_[index], true)) return corrections_[index];
  }
  if (!track.last) return track.correction;  // loosely interleaved: it begins where it says
  const Duration step = track.lasts > kShortestStep ? track.lasts : lasts;
  return std::max(*track.last + std::min(step, kLongestGap), *latest_end_) - told;
}

}  // namespace mayfly
