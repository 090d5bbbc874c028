#include "client/playback.h"

#include <algorithm>
#include <utility>

#include "core/check.h"

namespace mayfly {

// One playout from a start to a jump, the end of the clip or of a loop's turn.
struct Playback::Epoch {
  Epoch(const wire::Playing& playing, const PlaybackOptions& options, const ClockRelation& clocks)
      : announced(playing),
        timeline(clocks.to_player(playing.started_at), playing.first_dts, playing.playout_delay),
        buffer(options.playout, timeline),
        ledger(timeline, clocks) {
    for (const Track& track : playing.tracks) {
      if (track.kind == TrackKind::Video && !picture_track) picture_track = track.id;
    }
    if (!picture_track && !playing.tracks.empty()) played_track = playing.tracks.front().id;
    if (picture_track) played_track = picture_track;
  }

  [[nodiscard]] bool has_track(TrackId track) const {
    return std::ranges::find(announced.tracks, track, &Track::id) != announced.tracks.end();
  }

  wire::Playing announced;
  PlayoutTimeline timeline;
  PlayoutBuffer buffer;
  EpochLedger ledger;
  std::optional<TrackId> picture_track;
  std::optional<TrackId> played_track;  // whose frames tell how much was played
  std::optional<wire::EndOfClip> end;
  std::optional<Timestamp> closed_at;
  // The server's pauses, to correct ours by: how many are over, and when the one it is in began.
  size_t server_pauses = 0;
  std::optional<Duration> server_paused_at;
};

Playback::Playback(PlaybackOptions options, const ClockRelation& clocks, Timestamp asked_at)
    : options_(options), clocks_(clocks), asked_at_(asked_at), assembler_(options.assembler) {}

Playback::~Playback() = default;

void Playback::announce(const wire::Playing& playing, Beginning beginning, Timestamp now) {
  if (newest_ && !is_before(*newest_, playing.epoch)) return;
  newest_ = playing.epoch;
  while (beginning == Beginning::AtOnce && !epochs_.empty()) close_front(now, true);
  epochs_.push_back(std::make_unique<Epoch>(playing, options_, clocks_));
  if (is_paused()) {
    // Whether the server began it paused or is about to obey, a Paused of this epoch would say when
    // else.
    epochs_.back()->timeline.pause(beginning == Beginning::AtOnce ? now : *paused_at_);
    epochs_.back()->server_paused_at = playing.started_at;
  }
  if (beginning == Beginning::AtOnce) assembler_.retire_before(playing.epoch);
  take_early_frames();
}

void Playback::take(const wire::FramePiece& piece, Timestamp now) {
  if (piece.description && clocks_.is_known()) {
    const Duration delay = clocks_.one_way_delay(piece.description->sent_at, now);
    least_delay_ = std::min(least_delay_.value_or(delay), delay);
  }
  if (auto frame = assembler_.insert(piece, now)) insert(*std::move(frame));
}

void Playback::insert(AssembledFrame frame) {
  Epoch* const epoch = find(frame.epoch);
  if (epoch != nullptr) {
    if (!epoch->has_track(frame.frame.track)) return;
    epoch->ledger.on_complete(frame);
    if (!epoch->closed_at) (void)epoch->buffer.insert(std::move(frame.frame), frame.completed);
    return;
  }
  const bool may_be_announced = !newest_ || is_before(*newest_, frame.epoch);
  const size_t bytes = sizeof(frame) + frame.frame.bytes();
  if (!may_be_announced || early_bytes_ + bytes > options_.max_early_bytes) return;
  early_bytes_ += bytes;
  early_.push_back(std::move(frame));
}

void Playback::take_early_frames() {
  std::vector<AssembledFrame> early = std::exchange(early_, {});
  early_bytes_ = 0;
  for (AssembledFrame& frame : early) insert(std::move(frame));
}

void Playback::on_report(const wire::SenderReport& report) {
  Epoch* const epoch = find(report.epoch);
  if (epoch == nullptr) return;
  for (const wire::FrameFate& fate : report.fates) {
    if (epoch->has_track(fate.track)) epoch->ledger.on_fate(fate);
  }
}

void Playback::on_paused(const wire::Paused& paused, Timestamp now) {
  Epoch* const epoch = find(paused.epoch);
  if (epoch == nullptr || epoch->closed_at) return;
  epoch->server_paused_at = paused.at;
  // Our own pause may be over already, and this its echo.
  if (epoch->timeline.pauses() == epoch->server_pauses) pause(now);
}

void Playback::on_resumed(const wire::Resumed& resumed, Timestamp now) {
  Epoch* const epoch = find(resumed.epoch);
  if (epoch == nullptr || epoch->closed_at || !epoch->server_paused_at) return;
  const Duration stood = resumed.at - *std::exchange(epoch->server_paused_at, std::nullopt);
  const size_t which = epoch->server_pauses++;
  if (epoch->timeline.pauses() <= which) resume(now);
  // A loop's earlier turn still playing was held back by the same pause, its last one.
  for (const auto& each : epochs_) {
    const size_t pauses = each->timeline.pauses();
    const size_t later = epoch->timeline.pauses() - which;
    if (pauses >= later) each->timeline.correct_pause(pauses - later, stood);
  }
}

void Playback::on_end(const wire::EndOfClip& end) {
  if (Epoch* const epoch = find(end.epoch)) epoch->end = end;
}

void Playback::clocks_changed() {
  const auto follow = [this](Epoch& epoch) {
    const Timestamp start = clocks_.to_player(epoch.announced.started_at);
    const Duration moved = start - epoch.timeline.start();
    if (std::chrono::abs(moved) >= options_.clock_tolerance) epoch.timeline.move_to(start);
  };
  for (const auto& each : epochs_) follow(*each);
  for (const auto& each : closing_) follow(*each);
}

void Playback::pause(Timestamp now) {
  if (is_paused()) return;
  paused_at_ = now;
  for (const auto& each : epochs_) each->timeline.pause(now);
}

void Playback::resume(Timestamp now) {
  if (!is_paused()) return;
  paused_at_.reset();
  for (const auto& each : epochs_) each->timeline.resume(now);
}

void Playback::cut_short(Timestamp now) {
  while (!epochs_.empty()) close_front(now, true);
  jump_pending_ = false;
}

void Playback::close_front(Timestamp now, bool at_once) {
  Epoch& epoch = *epochs_.front();
  epoch.closed_at = now;
  if (at_once) epoch.ledger.cut_short(now);
  const Timestamp last = std::min(now, epoch.ledger.last_deadline().value_or(now));
  freezes_.end(last - epoch.timeline.stood());
  closing_.push_back(std::move(epochs_.front()));
  epochs_.pop_front();
  jump_pending_ = has_played_;
}

PlaybackStep Playback::next(Timestamp now) {
  while (!epochs_.empty()) {
    Timestamp in_turn = Timestamp::max();
    if (epochs_.size() > 1) in_turn = epochs_[1]->timeline.first_deadline();
    if (in_turn <= now) {
      close_front(now, false);
      continue;
    }
    if (std::exchange(jump_pending_, false)) return Jump{};
    PlayoutStep step = epochs_.front()->buffer.next(now);
    if (const auto* const wait = std::get_if<Wait>(&step)) {
      return Wait{std::min(wait->until, in_turn)};
    }
    if (auto* const play = std::get_if<Play>(&step)) {
      note_played(*play, now);
      return std::move(*play);
    }
  }
  return Wait{Timestamp::max()};
}

void Playback::note_played(const Play& play, Timestamp now) {
  const Epoch& epoch = *epochs_.front();
  const Frame& frame = play.frame;
  has_played_ = true;
  if (frame.track == epoch.played_track) played_ += frame.duration;
  if (frame.track != epoch.picture_track) return;
  const Timestamp decoded = play.catching_up ? std::max(play.due, now) : play.due;
  const Timestamp shown = decoded + (frame.pts - frame.dts);
  if (!startup_) startup_ = shown - asked_at_;
  freezes_.add(frame.dts, frame.pts, shown - epoch.timeline.stood(), frame.duration);
}

bool Playback::end_is_known() const {
  const Epoch* const epoch = newest_ ? find(*newest_) : nullptr;
  return epoch != nullptr && epoch->end.has_value();
}

bool Playback::is_over(Timestamp now) const {
  if (epochs_.size() != 1 || !end_is_known() || is_paused()) return false;
  const Epoch& epoch = *epochs_.front();
  const bool all_decided = std::ranges::all_of(epoch.end->frames, [&epoch](const auto& each) {
    return epoch.buffer.decided_before(each.first) >= each.second;
  });
  return all_decided || last_deadline().value_or(now) <= now;
}

std::optional<Timestamp> Playback::last_deadline() const {
  std::optional<Timestamp> last;
  for (const auto& each : epochs_) {
    const auto of_epoch = each->ledger.last_deadline();
    if (of_epoch) last = std::max(last.value_or(*of_epoch), *of_epoch);
  }
  return last;
}

Playback::Epoch* Playback::find(wire::Epoch epoch) const {
  for (const auto& each : epochs_) {
    if (each->announced.epoch == epoch) return each.get();
  }
  for (const auto& each : closing_) {
    if (each->announced.epoch == epoch) return each.get();
  }
  return nullptr;
}

void Playback::tidy(Timestamp now) {
  const Timestamp patience_began = now - EpochLedger::kPatience;
  // The pieces of a frame may come as far apart as it has time to.
  Duration frame_patience = EpochLedger::kPatience;
  for (const auto& each : epochs_) {
    frame_patience = std::max(frame_patience, each->announced.playout_delay + 1s);
  }
  assembler_.forget_idle_since(now - frame_patience);
  for (const auto& each : epochs_) each->ledger.settle(now);
  while (!closing_.empty() &&
         (*closing_.front()->closed_at < patience_began || closing_.size() > kMaxClosingEpochs)) {
    totals_.add(closing_.front()->ledger.final_tally());
    closing_.pop_front();
  }
  if (!closing_.empty()) {
    assembler_.retire_before(closing_.front()->announced.epoch);
  } else if (!epochs_.empty()) {
    assembler_.retire_before(epochs_.front()->announced.epoch);
  }
}

std::optional<wire::ReceiverReport> Playback::report(Timestamp now) {
  if (epochs_.empty()) return std::nullopt;
  const Epoch& epoch = *epochs_.front();
  wire::ReceiverReport report;
  report.epoch = epoch.announced.epoch;
  const Tally tally = epoch.ledger.tally(now);
  for (const FrameClass each : kFrameClasses) {
    const ClassFates& fates = tally.classes[index_of(each)];
    report.classes.push_back({.frame_class = each,
                              .received = fates.on_time + fates.late + fates.undecodable,
                              .late = fates.late,
                              .missing = fates.abandoned_unsent + fates.abandoned_sent + fates.lost,
                              .undecodable = fates.undecodable});
  }
  const std::optional<Duration> before = delay_before_;
  if (least_delay_) delay_before_ = std::exchange(least_delay_, std::nullopt);
  report.one_way_delay = delay_before_.value_or(Duration::zero());
  report.one_way_delay_trend = report.one_way_delay - before.value_or(report.one_way_delay);
  report.buffer_level = buffer_level();
  return report;
}

PlaybackStats Playback::stats(Timestamp now) const {
  Tally tally = totals_;
  for (const auto& each : closing_) tally.add(each->ledger.final_tally());
  for (const auto& each : epochs_) tally.add(each->ledger.tally(now));
  return stats_of(tally);
}

PlaybackStats Playback::final_stats(Timestamp now) {
  while (!epochs_.empty()) close_front(now, !is_over(now));
  return stats(now);
}

PlaybackStats Playback::stats_of(const Tally& tally) const {
  PlaybackStats stats;
  if (const Epoch* const epoch = newest_ ? find(*newest_) : nullptr) {
    stats.clip = epoch->announced.clip;
    stats.policy = epoch->announced.policy;
    stats.playout_delay = epoch->announced.playout_delay;
  }
  stats.classes = tally.classes;
  LatencySketch all;
  for (const FrameClass each : kFrameClasses) {
    stats.latency_by_class[index_of(each)] = tally.latency[index_of(each)].summary();
    all.add(tally.latency[index_of(each)]);
  }
  stats.latency = all.summary();
  stats.freezes = freezes_.summary();
  stats.startup = startup_;
  stats.played = played_;
  stats.round_trip = clocks_.round_trip();
  return stats;
}

std::optional<MediaTime> Playback::position(Timestamp now) const {
  if (epochs_.empty()) return std::nullopt;
  const Epoch& epoch = *epochs_.front();
  return std::max(epoch.timeline.position(now), epoch.announced.first_dts);
}

bool Playback::is_empty() const {
  return std::ranges::all_of(epochs_, [](const auto& each) { return each->buffer.is_empty(); });
}

Duration Playback::buffer_level() const {
  Duration level{};
  for (const auto& each : epochs_) level += each->buffer.level();
  return level;
}

}  // namespace mayfly
