#pragma once

#include <filesystem>
#include <vector>

#include "core/frame.h"
#include "core/frame_sink.h"
#include "core/track.h"

namespace mayfly {

// A clip as it is read back: everything a recording must keep.
struct ReadClip {
  std::vector<Track> tracks;
  std::vector<Frame> frames;  // of all tracks, in decode order

  [[nodiscard]] std::vector<Frame> of(TrackId track) const;
};

// Reads a whole file; fails the test when it cannot. With `until_damage` a file that breaks off
// gives what came before.
[[nodiscard]] ReadClip read_clip(const std::filesystem::path& file, bool until_damage = false);
// Hands every frame of a clip to the sink, start and finish included; fails the test on errors.
void record(const ReadClip& clip, FrameSink& sink);

// A frame's coded content in a form that does not depend on the container: NAL units without their
// framing, access unit delimiters and parameter sets (which containers add, move and take away);
// AAC without ADTS headers; anything else as it is.
[[nodiscard]] std::vector<Bytes> essence_of(const Track& track, const Frame& frame);

}  // namespace mayfly
