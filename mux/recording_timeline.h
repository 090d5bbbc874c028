#pragma once

#include <optional>
#include <unordered_map>

#include "core/frame.h"

namespace mayfly {

// Gives a recording one media time that only goes forward, whatever the player did: a seek or a
// clip that starts over goes on where the recording stands. Without a jump nothing is moved.
class RecordingTimeline {
 public:
  // Media time jumps with the next frame.
  void discontinuity() { jump_pending_ = !last_dts_.empty(); }

  // What to add to the frame's pts and dts. Nothing when the frame has no place: after a jump, one
  // that would lie before what its track has recorded already (the tracks of a clip never meet a
  // seek point at the same moment).
  [[nodiscard]] std::optional<Duration> shift_for(const Frame& frame);

 private:
  struct TrackEnd {
    MediaTime dts;       // of the last frame, as recorded
    bool joined = true;  // whether it had a frame since the last jump
  };

  void jump_to(const Frame& frame);

  Duration shift_{};
  MediaTime end_ = MediaTime::min();  // where the longest track stands, as recorded
  bool jump_pending_ = false;
  std::unordered_map<TrackId, TrackEnd> last_dts_;
};

}  // namespace mayfly
