#pragma once

#include <optional>

#include "client/freeze_detector.h"
#include "core/frame.h"
#include "demux/frame_lookahead.h"
#include "demux/playout_schedule.h"
#include "telemetry/playback_stats.h"

namespace mayfly {

struct TsPlaybackOptions {
  Duration playout_delay = 500ms;
  // A frame later than this shows that the sender stood still, or will stay behind: the picture
  // waits once, for as long as the playout delay, rather than that every frame is late from here.
  Duration most_lag = 1s;
};

// Plays a stream whose sender tells nothing but the frames: when each is due, and the books. What
// never came nobody knows of, so of a frame it can only be said that it came in time, or late.
// Told what comes and what the time is; asked what to do.
class TsPlayback {
 public:
  // `asked_at` is when the stream was asked for.
  TsPlayback(const TsPlaybackOptions& options, Timestamp asked_at);

  // Whether it should be given another frame, if there is one.
  [[nodiscard]] bool wants_more() const { return lookahead_.wants_more(); }
  // A frame came, in decode order; the first is due after the playout delay.
  void add(Frame frame, Timestamp now);
  // When the next frame is due; none when there is none, or while it stands paused.
  [[nodiscard]] std::optional<Timestamp> next_due() const;
  // The frame that is due.
  [[nodiscard]] Frame take(Timestamp now);

  void pause(Timestamp now);
  void resume(Timestamp now);
  [[nodiscard]] bool is_paused() const { return schedule_.is_paused(); }
  // Nothing follows: the last picture has stood for as long as it should.
  void end() { freezes_.end(shown_until_); }

  // Frames and freezes; the rest is for whoever knows the connection.
  [[nodiscard]] PlaybackStats stats() const;

 private:
  [[nodiscard]] Timestamp due(const Frame& frame) const { return schedule_.deadline(frame); }
  void note_shown(const Frame& frame, Timestamp now);
  void note_played(const Frame& frame);

  const TsPlaybackOptions options_;
  const Timestamp asked_at_;
  PlayoutSchedule schedule_;
  FrameLookahead lookahead_;
  bool has_begun_ = false;
  std::optional<TrackId> picture_track_;
  Duration stood_{};  // paused, in all
  std::optional<Timestamp> paused_at_;

  PlaybackStats stats_;
  FreezeDetector freezes_;
  std::optional<MediaTime> first_pts_;
  Timestamp shown_until_{};  // without the pauses
};

}  // namespace mayfly
