#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/frame.h"
#include "core/units.h"
#include "lab/clip_trace.h"
#include "lab/delivery_log.h"
#include "lab/viewer.h"

namespace mayfly {

// What became of the frames of one class; every frame is in exactly one state, and they sum to
// `frames`.
struct ClassVerdict {
  uint64_t frames = 0;
  uint64_t shown = 0;        // on time and decodable: x_i = 1
  uint64_t undecodable = 0;  // on time, but something it depends on was not
  uint64_t late = 0;
  uint64_t abandoned_unsent = 0;
  uint64_t abandoned_sent = 0;
  uint64_t lost = 0;  // never complete while watched, and nobody said it was given up

  friend bool operator==(const ClassVerdict&, const ClassVerdict&) = default;
};

// How long frames took, in whole milliseconds rounded up, so that runs can be put together.
class LatencyCounts {
 public:
  void add(Duration latency);
  void add(uint64_t milliseconds, uint64_t frames) { counts_[milliseconds] += frames; }
  void merge(const LatencyCounts& other);

  [[nodiscard]] uint64_t frames() const;
  // The smallest latency that `share` of the frames did not exceed; 0 without frames.
  [[nodiscard]] uint64_t percentile(double share) const;
  [[nodiscard]] uint64_t most() const { return counts_.empty() ? 0 : counts_.rbegin()->first; }
  [[nodiscard]] const std::map<uint64_t, uint64_t>& counts() const { return counts_; }
  friend bool operator==(const LatencyCounts&, const LatencyCounts&) = default;

 private:
  std::map<uint64_t, uint64_t> counts_;
};

// One run of one row, judged.
struct Verdict {
  std::array<ClassVerdict, kFrameClassCount> classes;
  LatencyCounts latency;         // of frames that arrived, late ones too
  uint64_t delivered_bytes = 0;  // payload of frames that arrived whole, whenever
  uint64_t shown_bytes = 0;      // payload of frames with x_i = 1
  uint64_t wire_bytes = 0;
  uint64_t wire_packets = 0;
  uint64_t chunks_retransmitted = 0;
  Duration queue_delay_p95{};
  ViewerFigures viewer;
  Duration most_behind{};  // as the log has it
  std::string ended;

  [[nodiscard]] const ClassVerdict& of(FrameClass each) const { return classes[index_of(each)]; }
  [[nodiscard]] double q() const;                 // over all frames
  [[nodiscard]] double q(FrameClass each) const;  // 1 where the clip has none
  [[nodiscard]] double miss_ratio() const;        // frames that were not complete in time
  [[nodiscard]] double overhead_ratio() const;    // wire bytes by payload of delivered frames
  [[nodiscard]] double useful_share() const;      // payload shown by wire bytes
  [[nodiscard]] double waste_share() const;       // delivered but not shown, by wire bytes
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

// Which frames are decodable, when `on_time` says which came in time: those all of whose references
// are.
[[nodiscard]] std::vector<bool> decodable(const ClipTrace& clip, const std::vector<bool>& on_time);
// In decode order: which frames were complete within the delay after their decode time.
[[nodiscard]] std::vector<bool> on_time(const ClipTrace& clip, const DeliveryLog& log,
                                        Duration playout_delay);
// The same flags in the order of showing.
[[nodiscard]] std::vector<bool> in_display_order(const ClipTrace& clip,
                                                 const std::vector<bool>& flags);

// `log` has a record for each frame of the clip.
[[nodiscard]] Verdict judge(const ClipTrace& clip, const DeliveryLog& log, Duration playout_delay);

}  // namespace mayfly
