#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "client/playout_timeline.h"
#include "client/recent_frames.h"
#include "core/frame.h"
#include "core/units.h"

namespace mayfly {

// Nothing to do before `until`, unless something is inserted or the timeline changes first.
// Timestamp::max(): nothing at all.
struct Wait {
  Timestamp until{};
};
// Hand the frame to the decoder. `due` has come; `catching_up` when the frame or one it needs came
// after its deadline, so that it is handed over late, for those that follow.
struct Play {
  Frame frame;
  Timestamp due{};
  bool catching_up = false;
};
// The frames of the track from `first` to `last` are not played: they did not come in time, or
// something they need did not.
struct Skip {
  TrackId track;
  FrameNumber first;
  FrameNumber last;
  uint32_t undecodable = 0;  // how many of them are here all the same
};
using PlayoutStep = std::variant<Wait, Play, Skip>;

struct PlayoutBufferOptions {
  // Of the frames held. At 8 Mbit/s over four minutes; reaching it skips what is missing in front.
  size_t max_bytes = size_t{256} << 20;
  size_t max_frames = 16384;
  // A late frame is decoded all the same when nothing after it has been: it repairs the chain for
  // the frames that depend on it. Off, a frame past its deadline is never played.
  bool catch_up = true;
};

// Puts the frames of one epoch in decode order and decides when each goes to the decoder. Passive:
// told what arrived, asked what to do now. Each track has its own order; over all tracks the frame
// due first goes first.
//
// A frame that has come goes to the decoder when it is due. One that is missing is waited for until
// a later frame of the track is due that can be decoded without it.
class PlayoutBuffer {
 public:
  // The timeline is borrowed, and may change between calls.
  PlayoutBuffer(PlayoutBufferOptions options, const PlayoutTimeline& timeline);
  PlayoutBuffer(const PlayoutBuffer&) = delete;
  PlayoutBuffer& operator=(const PlayoutBuffer&) = delete;

  // Takes a complete frame. False when it comes after the decision to do without it, or twice.
  bool insert(Frame frame, Timestamp arrival);
  // What to do now. Play and Skip are final; call again until it says Wait.
  [[nodiscard]] PlayoutStep next(Timestamp now);

  [[nodiscard]] bool is_empty() const { return frames_ == 0; }
  [[nodiscard]] size_t bytes() const { return bytes_; }
  [[nodiscard]] size_t frames() const { return frames_; }
  // Every frame of the track before this one has been played or skipped.
  [[nodiscard]] uint64_t decided_before(TrackId track) const;
  // Media time that waits: from the frame played last to the last one held, of the fullest track.
  [[nodiscard]] Duration level() const;

 private:
  struct Held {
    Frame frame;
    bool in_time = true;
  };
  struct Lane {
    uint64_t next = 0;  // every frame before it has been played or skipped
    std::map<uint64_t, Held> held;
    RecentFrames played;
    std::optional<MediaTime> played_dts;
    Timestamp late_until{};  // when the last late frame came: what was due before is catching up
  };
  // What a lane does next: skips all before `skip_before`, or plays when there is nothing to skip.
  struct Move {
    Timestamp at = Timestamp::max();
    uint64_t skip_before = 0;
  };

  [[nodiscard]] Move move_of(const Lane& lane, Timestamp now) const;
  [[nodiscard]] Move move_over_gap(const Lane& lane, Timestamp now) const;
  [[nodiscard]] Skip skip(TrackId track, Lane& lane, uint64_t before);
  [[nodiscard]] Play play(Lane& lane);
  [[nodiscard]] bool is_full() const;
  // A lane that waits for a missing frame although a later one is due; null when there is none.
  [[nodiscard]] std::pair<const TrackId, Lane>* held_up(Timestamp now);

  PlayoutBufferOptions options_;
  const PlayoutTimeline& timeline_;
  std::map<TrackId, Lane> lanes_;
  size_t bytes_ = 0;
  size_t frames_ = 0;
};

}  // namespace mayfly
