#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/units.h"

namespace mayfly {

// When the frames of one epoch are due at the decoder, on the player's clock: frame f at
// start + (f.dts - first_dts) + playout_delay, plus however long the picture stood still before it.
class PlayoutTimeline {
 public:
  PlayoutTimeline(Timestamp start, MediaTime first_dts, Duration playout_delay)
      : start_(start), first_dts_(first_dts), playout_delay_(playout_delay) {}

  // Timestamp::max() while a pause holds it back.
  [[nodiscard]] Timestamp deadline(MediaTime dts) const;
  [[nodiscard]] Timestamp first_deadline() const { return deadline(first_dts_); }
  // The media time whose deadline is now; stands still in a pause.
  [[nodiscard]] MediaTime position(Timestamp now) const;
  [[nodiscard]] bool is_paused() const { return paused_after_.has_value(); }

  // All deadlines after `now` are off until resume(), and then later by the time between the two.
  // Pausing twice, or resuming what is not paused, changes nothing.
  void pause(Timestamp now);
  void resume(Timestamp now);
  // How many pauses are over. They are named by their place: the first is 0.
  [[nodiscard]] size_t pauses() const { return stops_.size(); }
  // The server's clock knows better how long a pause was: what it sent came later by that much.
  void correct_pause(size_t which, Duration stood);
  // By all pauses that are over.
  [[nodiscard]] Duration stood() const {
    return stops_.empty() ? Duration::zero() : stops_.back().total;
  }
  // The clocks are better known now: the epoch started at `start`.
  void move_to(Timestamp start) { start_ = start; }
  [[nodiscard]] Timestamp start() const { return start_; }

 private:
  struct Stop {
    MediaTime after{};  // frames with a later dts were held back
    Duration stood{};   // by this pause
    Duration total{};   // by this and all pauses before
  };

  [[nodiscard]] Duration held_back(MediaTime dts) const;
  void add_totals();

  Timestamp start_;
  MediaTime first_dts_;
  Duration playout_delay_;
  std::vector<Stop> stops_;  // `after` rises
  std::optional<MediaTime> paused_after_;
  Timestamp paused_at_{};
};

}  // namespace mayfly
