#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "client/clock_relation.h"
#include "client/frame_assembler.h"
#include "client/latency_sketch.h"
#include "client/playout_timeline.h"
#include "client/recent_frames.h"
#include "core/frame.h"
#include "telemetry/playback_stats.h"
#include "wire/control.h"

namespace mayfly {

// Frames by their final state, and how long those that arrived took. Adds up over epochs.
struct Tally {
  std::array<ClassFates, kFrameClassCount> classes;
  std::array<LatencySketch, kFrameClassCount> latency;

  void add(const Tally& other);
};

// Books every frame of one epoch, from what the assembler put together and what the server tells,
// into exactly one of the states of ClassFates. The judgement is the strict one: a frame is on time
// when it was complete at its deadline and all it refers to was on time too, whether or not a late
// frame was decoded all the same.
class EpochLedger {
 public:
  // How long after its deadline a frame may still come, or its fate be told, before it is settled.
  static constexpr Duration kPatience = 10s;
  // Frames not settled; beyond, the oldest are settled early. Minutes of any clip.
  static constexpr size_t kMaxOpenFrames = 65536;

  // Both are borrowed. Deadlines and latencies follow what they say when a frame is settled, which
  // is when the clocks are known best.
  EpochLedger(const PlayoutTimeline& timeline, const ClockRelation& clocks);

  void on_complete(const AssembledFrame& frame);
  void on_fate(const wire::FrameFate& fate);
  // The player gave up the rest at `now`: frames under way that were not due are abandoned, not
  // lost.
  void cut_short(Timestamp now);
  // Settles what cannot change any more. To be called every now and then, so that the ledger stays
  // small.
  void settle(Timestamp now);

  // All frames whose deadline is not after `now`, as far as is known now.
  [[nodiscard]] Tally tally(Timestamp now) const;
  // All frames.
  [[nodiscard]] Tally final_tally() const;
  // Of the frames known of; none before the first.
  [[nodiscard]] std::optional<Timestamp> last_deadline() const;
  [[nodiscard]] size_t open_frames() const { return open_frames_; }

 private:
  struct Record {
    FrameClass frame_class = FrameClass::I;
    MediaTime dts{};
    std::optional<wire::SenderFate> fate;
    std::optional<Timestamp> completed;
    Duration sent_at{};
    size_t bytes = 0;
    std::vector<FrameNumber> references;
  };
  struct TrackBook {
    std::map<FrameNumber, Record> open;
    RecentFrames settled;
    RecentFrames on_time;
  };

  [[nodiscard]] Record* record_of(TrackId track, FrameNumber number);
  // Counts the frame and remembers whether it was on time.
  void book(FrameNumber number, const Record& record, RecentFrames& on_time, Tally& tally) const;
  [[nodiscard]] uint64_t& state_of(const Record& record, const RecentFrames& on_time,
                                   ClassFates& fates) const;
  [[nodiscard]] Tally tally_until(Timestamp end) const;
  void settle_first(TrackBook& book_of_track);

  const PlayoutTimeline& timeline_;
  const ClockRelation& clocks_;
  std::map<TrackId, TrackBook> tracks_;
  Tally settled_;
  size_t open_frames_ = 0;
  std::optional<MediaTime> last_dts_;
  std::optional<Timestamp> cut_short_at_;
};

}  // namespace mayfly
