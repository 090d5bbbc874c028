#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "core/frame.h"
#include "core/result.h"
#include "demux/synthetic_source.h"
#include "server/session_stats.h"
#include "telemetry/playback_stats.h"

namespace mayfly {

// What a player had of a run, and what the server says of it. Frames are compared with what their
// source makes of nothing, so a byte that is wrong anywhere is seen.
struct Outcome {
  std::string name;
  std::optional<Result<void>> finished;  // none: it still plays
  PlaybackStats stats;
  std::vector<Frame> shown;        // all the sink was given, in its order
  std::vector<Duration> lateness;  // of each, behind its decode time
  std::vector<Error> refused;
  size_t playouts = 0;  // that the server announced: plays, seeks, turns of a loop
  // Which of the shown frames are not what the clip has there, in a byte or a timestamp.
  std::vector<std::string> wrong;
  // Different frames of the class that were shown whole and right.
  std::array<uint64_t, kFrameClassCount> genuine{};
  std::optional<SessionStats> server;  // its last word; none when it never knew the player
  std::optional<Error> left;           // how the server saw it end
  uint64_t packets_digest = 0;
  uint64_t frames_digest = 0;
  std::string story;  // seed, link, settings and the tail of what happened

  // Against a fresh source of the clip.
  void judge(const SyntheticShape& clip);

  [[nodiscard]] bool was_good() const { return finished && finished->has_value(); }
  [[nodiscard]] std::string error() const;
  [[nodiscard]] const ClassFates& of(FrameClass each) const { return stats.of(each); }
  [[nodiscard]] uint64_t genuine_of(FrameClass each) const { return genuine[index_of(each)]; }
  // Over all classes.
  [[nodiscard]] uint64_t sum(uint64_t ClassFates::*state) const;
  // One line per class.
  [[nodiscard]] std::string table() const;
};

// Frames that arrived complete, whenever.
[[nodiscard]] uint64_t arrived(const ClassFates& fates);
[[nodiscard]] uint64_t abandoned(const ClassFates& fates);
[[nodiscard]] bool states_sum_to_sent(const Outcome& outcome);

// Retells the run.
void PrintTo(const Outcome& outcome, std::ostream* out);

}  // namespace mayfly
