#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/frame.h"
#include "core/result.h"
#include "core/track.h"
#include "demux/media_source.h"

namespace mayfly {

// What a clip is made of, frame by frame: the result of `mayfly probe`.
struct ClipReport {
  struct FrameLine {
    Frame frame;         // without its payload
    size_t bytes = 0;    // of the payload
    std::string sha256;  // of the payload, in hex; empty unless asked for
  };

  struct ClassSummary {
    size_t frames = 0;
    size_t bytes = 0;
    size_t largest = 0;
    double share = 0;  // of all bytes, 0 to 1
    [[nodiscard]] double mean() const {
      return frames == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(frames);
    }
  };

  // Of the first video track; a GOP reaches from one keyframe to the next in decode order.
  struct GopSummary {
    size_t count = 0;
    size_t shortest = 0;
    size_t longest = 0;
    double mean = 0;
    std::string pattern;  // picture types of the most frequent GOP in decode order: "IPBBPBB"
    size_t open = 0;      // GOPs with a picture that needs one from before the keyframe
  };

  std::string file;
  std::string format;
  std::vector<Track> tracks;
  std::optional<Duration> duration;  // none for a live input
  std::vector<FrameLine> frames;     // in decode order across tracks, as demuxed
  std::optional<Error> damage;       // why reading ended early
};

struct ClipReportOptions {
  // Hex digest of a payload; each frame line gets it. None: no digests.
  std::function<std::string(ByteView)> digest;
  size_t most_frames = SIZE_MAX;  // for inputs that do not end
};

// Reads the source to its end. A source that gives NotYet is not for this.
[[nodiscard]] ClipReport report_on(MediaSource& source, std::string file, std::string format,
                                   const ClipReportOptions& options);

[[nodiscard]] std::array<ClipReport::ClassSummary, kFrameClassCount> classes_of(
    const ClipReport& report);
[[nodiscard]] ClipReport::GopSummary gops_of(const ClipReport& report);
// Of all tracks together, and of one.
[[nodiscard]] DataRate bit_rate_of(const ClipReport& report);
[[nodiscard]] DataRate bit_rate_of(const ClipReport& report, TrackId track);
// From the first picture shown to the end of the last; zero without frames.
[[nodiscard]] Duration length_of(const ClipReport& report, TrackId track);

// Machine output: names are kept, new ones may come.
[[nodiscard]] nlohmann::ordered_json to_json(const ClipReport& report);
// For a terminal of 80 columns.
[[nodiscard]] std::string to_text(const ClipReport& report);

}  // namespace mayfly
