#pragma once

#include <filesystem>
#include <memory>

#include "core/frame_sink.h"

namespace mayfly {

// Writes what is played to a file, without decoding it: `--sink FILE`. The container follows from
// the extension (.mkv .mp4 .ts .avi .webm .mpg, and whatever else libavformat muxes). Coded frames
// go in as they came, unless the container wants another framing of the same NAL units or AAC
// frames; timestamps are those of the clip, and go on without a gap over a seek.
//
// An existing file is overwritten when the first frames are about to come, so a failed connection
// costs nothing. Nothing but that file is written. A recording that ends without finish() (a full
// disk, a killed process) plays up to its last second: MP4 is written in fragments, Matroska in
// short clusters.
class Recorder {
 public:
  // Fails with Unsupported when no container is known by the name, and with NotFound or Io when the
  // folder is not there or cannot be written to. The sink's start() fails with Unsupported when a
  // track does not fit into the container, naming both and a container that takes it; its consume()
  // and finish() with Io when the file cannot be written.
  [[nodiscard]] static Result<std::unique_ptr<FrameSink>> create(const std::filesystem::path& file);
};

}  // namespace mayfly
