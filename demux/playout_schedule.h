#pragma once

#include <map>
#include <optional>

#include "core/frame.h"
#include "core/units.h"

namespace mayfly {

struct PlayoutScheduleOptions {
  // A decode time further ahead of its track than this is a new timeline, not a long picture: the
  // slowest slide shows turn once a minute.
  Duration longest_gap = 60s;
  // Back by more than this likewise; less is the wobble of careless muxers.
  Duration longest_step_back = 1s;

  friend bool operator==(const PlayoutScheduleOptions&, const PlayoutScheduleOptions&) = default;
};

// When each frame of one playout is due: at its decode time, counted from the start, plus the time
// the playout stood paused. Frames of clips whose timestamps jump are moved so that they follow
// what came before; whoever counts from the frames' timestamps then comes to the same moments. Told
// the time, never asks for it.
class PlayoutSchedule {
 public:
  explicit PlayoutSchedule(Duration playout_delay, const PlayoutScheduleOptions& options = {})
      : options_(options), playout_delay_(playout_delay) {}

  // Moves the frame's pts and dts where they belong in this playout. Once per frame, in decode
  // order.
  void place(Frame& frame);
  // From now on it is known when frames are due: one with `first_dts` at `at`.
  void begin(Timestamp at, MediaTime first_dts);

  // Of a placed frame, once it began. The deadline is when it must be complete at the player to be
  // of use.
  [[nodiscard]] Timestamp due(const Frame& frame) const;
  [[nodiscard]] Timestamp deadline(const Frame& frame) const { return due(frame) + playout_delay_; }

  // Nothing is due between the two. Pausing twice is pausing once.
  void pause(Timestamp now);
  void resume(Timestamp now);
  [[nodiscard]] bool is_paused() const { return paused_at_.has_value(); }

  // A live input fell behind: frames not yet placed come later by this much.
  void postpone(Duration by) { postponed_ += by; }

  // When the last frame placed so far is over: where the next turn of a loop begins.
  [[nodiscard]] Timestamp end() const;

  [[nodiscard]] Timestamp started_at() const { return started_at_; }
  [[nodiscard]] MediaTime first_dts() const { return first_dts_; }
  [[nodiscard]] Duration playout_delay() const { return playout_delay_; }

 private:
  struct TrackPosition {
    Duration shift{};
    MediaTime last_dts{};  // as placed
    Duration last_duration{};
  };

  [[nodiscard]] bool continues(const TrackPosition& track, MediaTime dts) const;
  // The shift that makes `frame` follow its track, or whatever came last.
  [[nodiscard]] Duration shift_for(const Frame& frame, const TrackPosition* track) const;

  PlayoutScheduleOptions options_;
  Duration playout_delay_;
  Timestamp started_at_{};
  MediaTime first_dts_{};
  Duration stood_{};
  Duration postponed_{};
  std::optional<Timestamp> paused_at_;
  Duration newest_shift_{};
  std::optional<MediaTime> latest_end_;  // of all frames placed
  std::map<TrackId, TrackPosition> tracks_;
};

}  // namespace mayfly
