#pragma once

#include <string>

#include "core/result.h"

namespace mayfly {

// Whether the sink can show pictures now: it is installed, and a window sink opens its display.
// Fails with Unsupported and a sentence that says what is missing. Needs GStreamer started.
[[nodiscard]] Result<void> check_video_sink(const std::string& description);

}  // namespace mayfly
