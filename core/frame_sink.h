#pragma once

#include <vector>

#include "core/frame.h"
#include "core/result.h"
#include "core/track.h"

namespace mayfly {

// Whatever takes frames at the end of their way: a window, a file, a counter, a test. Frames come
// in decode order, each when it is due at the decoder; a frame that was skipped simply does not
// come.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // First call, once, before any frame.
  [[nodiscard]] virtual Result<void> start(const std::vector<Track>& tracks) = 0;
  // `due` is when the frame's decode time falls on the sink's clock; show it at due + (pts - dts).
  [[nodiscard]] virtual Result<void> consume(const Frame& frame, Timestamp due) = 0;
  // The picture stands still until resume(); frames may still come.
  virtual void pause() {}
  virtual void resume() {}
  // A jump in media time comes: what was handed over but is not yet shown may be thrown away.
  virtual void discontinuity() {}
  // Last call. Whatever was consumed must be safe (on disk, on screen) when it returns.
  [[nodiscard]] virtual Result<void> finish() = 0;
};

}  // namespace mayfly
