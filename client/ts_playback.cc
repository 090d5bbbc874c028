#include "client/ts_playback.h"

#include <algorithm>
#include <utility>

namespace mayfly {

TsPlayback::TsPlayback(const TsPlaybackOptions& options, Timestamp asked_at)
    : options_(options), asked_at_(asked_at), schedule_(options.playout_delay) {
  stats_.playout_delay = options.playout_delay;
}

void TsPlayback::add(Frame frame, Timestamp now) {
  schedule_.place(frame);
  if (!std::exchange(has_begun_, true)) schedule_.begin(now, frame.dts);
  ClassFates& fates = stats_.of(frame.frame_class);
  ++fates.sent;
  fates.bytes += frame.bytes();
  const Duration lag = now - due(frame);
  const bool is_late = lag > Duration::zero() && !is_paused();
  ++(is_late ? fates.late : fates.on_time);
  if (is_late && lag > options_.most_lag) {
    const Duration wait = lag + options_.playout_delay;
    schedule_.postpone(wait);
    frame.dts += wait;
    frame.pts += wait;
  }
  lookahead_.add(std::move(frame));
}

std::optional<Timestamp> TsPlayback::next_due() const {
  if (lookahead_.empty() || is_paused()) return std::nullopt;
  return due(lookahead_.next());
}

Frame TsPlayback::take(Timestamp now) {
  Frame frame = lookahead_.take();
  if (frame.frame_class != FrameClass::Audio) {
    note_shown(frame, now);
  } else if (!picture_track_) {
    note_played(frame);  // all there is, perhaps
  }
  return frame;
}

void TsPlayback::note_shown(const Frame& frame, Timestamp now) {
  if (picture_track_.value_or(frame.track) != frame.track) return;
  picture_track_ = frame.track;
  const Timestamp shown = std::max(due(frame), now) + (frame.pts - frame.dts) - stood_;
  freezes_.add(frame.dts, frame.pts, shown, frame.duration);
  shown_until_ = std::max(shown_until_, shown + frame.duration);
  if (!stats_.startup) stats_.startup = shown + stood_ - asked_at_;
  note_played(frame);
}

void TsPlayback::note_played(const Frame& frame) {
  first_pts_ = std::min(first_pts_.value_or(frame.pts), frame.pts);
  stats_.played = std::max(stats_.played, frame.pts + frame.duration - *first_pts_);
}

void TsPlayback::pause(Timestamp now) {
  if (is_paused()) return;
  paused_at_ = now;
  schedule_.pause(now);
}

void TsPlayback::resume(Timestamp now) {
  if (!is_paused()) return;
  stood_ += now - *paused_at_;
  schedule_.resume(now);
}

PlaybackStats TsPlayback::stats() const {
  PlaybackStats stats = stats_;
  stats.freezes = freezes_.summary();
  return stats;
}

}  // namespace mayfly
