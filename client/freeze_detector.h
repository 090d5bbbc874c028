#pragma once

#include <deque>
#include <map>
#include <optional>

#include "core/units.h"
#include "telemetry/playback_stats.h"

namespace mayfly {

// Finds the freezes of one video track by the rule of W3C webrtc-stats (freezeCount): see
// FreezeSummary. Pictures are told in decode order and put in the order of their showing here.
// Times must not run on while the picture is paused.
class FreezeDetector {
 public:
  // A picture went to the decoder at `dts` and is shown at `shown`, for `duration` if all goes
  // well: what the first gaps are measured by.
  void add(MediaTime dts, MediaTime pts, Timestamp shown, Duration duration);
  // The pictures end at `end`, at the clip's end or a jump: the last one stood until then. What is
  // shown after has no gap to what was before.
  void end(Timestamp end);

  [[nodiscard]] const FreezeSummary& summary() const { return summary_; }

 private:
  void show(Timestamp shown);
  void judge(Duration gap);

  static constexpr size_t kAveragedGaps = 30;

  std::map<MediaTime, Timestamp> waiting_;  // decoded, and perhaps not the next to be shown
  std::optional<Timestamp> last_shown_;
  std::deque<Duration> gaps_;
  Duration nominal_{};
  FreezeSummary summary_;
};

}  // namespace mayfly
