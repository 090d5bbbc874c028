#pragma once

#include <string>

#include "core/result.h"

namespace mayfly {

// The clip to compare with where none is named.
struct DefaultClip {
  std::string path;
  std::string notice;  // what to tell whoever expected the other; empty where it is the usual one
};

// Makes it in the folder with ffmpeg, or finds it there: "street", filmed, of Debian's opencv-doc;
// where that is not installed "fractal", drawn by ffmpeg. Both are MPEG-2 at 1.5 Mbit/s in groups
// of ten pictures, IPBBPBBPBB. Fails with NotFound where there is no ffmpeg, and with Io.
[[nodiscard]] Result<DefaultClip> default_clip(const std::string& folder, int seconds);

}  // namespace mayfly
