#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace mayfly {

// Starts GStreamer, once per process. Fails with Unsupported when it will not start.
[[nodiscard]] Result<void> initialize_gst();

struct MissingElement {
  std::string element;  // "autovideosink", or "a decoder for hevc"
  std::string purpose;  // "opens the window"
  std::string package;  // the Debian package that brings it
};

// What playing in a window needs and this machine does not have; empty when all is there. Starts
// GStreamer; when that fails, everything is missing.
[[nodiscard]] std::vector<MissingElement> missing_gst_elements();

}  // namespace mayfly
