#include "telemetry/playback_stats.h"

namespace mayfly {

double PlaybackStats::q() const {
  uint64_t sent = 0;
  uint64_t on_time = 0;
  for (const FrameClass each : {FrameClass::I, FrameClass::P, FrameClass::B}) {
    sent += of(each).sent;
    on_time += of(each).on_time;
  }
  return sent == 0 ? 0 : static_cast<double>(on_time) / static_cast<double>(sent);
}

}  // namespace mayfly
