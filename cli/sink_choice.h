#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/frame_sink.h"
#include "core/result.h"
#include "runtime/event_loop.h"

namespace mayfly {

struct SinkCallbacks {
  // The window is gone. Closed: whoever watched has seen enough; anything else is a failure.
  std::function<void(const Error& why)> on_window_gone;
  // For the viewer to read.
  std::function<void(const std::string& sentence)> on_notice;
};

// What `--sink` names: "none", a file to record to, or "auto": a window, and where there is none,
// nothing but the clock and the figures, which a notice says.
[[nodiscard]] Result<std::unique_ptr<FrameSink>> make_sink(const std::string& choice,
                                                           const std::string& title,
                                                           EventLoop& loop,
                                                           SinkCallbacks callbacks);

}  // namespace mayfly
