#include "client/ts_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "core/quantity.h"

namespace mayfly {
namespace {

// A session that catches up lets the loop do other things after this many frames.
constexpr int kMostFramesPerTurn = 32;

}  // namespace

TsSession::TsSession(std::unique_ptr<Association> association, const Clock& clock,
                     TimerFactory& timers, Executor& loop, FrameSink& sink, Observer& observer,
                     Opener open, const TsSessionOptions& options)
    : clock_(clock),
      sink_(sink),
      observer_(observer),
      options_(options),
      peer_(association->peer()),
      association_(std::move(association)),
      playback_(options.playback, clock.now()),
      pipe_(std::make_shared<BytePipe>(options.most_waiting_bytes, loop)),
      open_(std::move(open)),
      timer_(timers.create([this] { advance(); })),
      limit_timer_(timers.create([this] {
        if (state_ == State::Leaving) return finish();
        leave(failure(ErrorCode::Timeout,
                      fmt::format("{} sent nothing within {}: does it send MPEG-TS by itself, as "
                                  "mayfly's sctp+ts:// ports and ffmpeg's ?listen do?",
                                  peer_, to_text(options_.answer_limit))));
      })),
      alive_(std::make_shared<bool>(true)) {
  pipe_->set_on_room([this] {
    if (!closed_ && state_ != State::Ended) association_->set_observer(this);
  });
  association_->set_observer(this);
}

TsSession::~TsSession() {
  pipe_->set_on_room(nullptr);
  pipe_->cancel();
  association_->set_observer(nullptr);
}

void TsSession::on_connected() {
  state_ = State::Opening;
  limit_timer_->start(options_.answer_limit);
  open_(pipe_, [this, alive = std::weak_ptr(alive_)](auto source) {
    if (!alive.expired()) on_opened(std::move(source));
  });
}

void TsSession::on_message(Message message) {
  if (state_ != State::Opening && state_ != State::Playing) return;
  if (state_ == State::Opening) limit_timer_->start(options_.answer_limit);
  bytes_received_ += message.payload.size();
  scanner_.add(message.payload);
  if (scanner_.is_foreign()) return leave(failure(why_unreadable({})));
  pipe_->write(std::move(message.payload));
  // Without an observer the association leaves what comes to the stack.
  if (pipe_->is_full()) association_->set_observer(nullptr);
}

void TsSession::on_closed(const Error& reason) {
  const State before = state_;
  closed_ = reason;
  pipe_->end();
  limit_timer_->stop();
  if (before == State::Leaving) return finish();
  if (before == State::Connecting) leave(failure(reason));
}

void TsSession::on_opened(Result<std::unique_ptr<MediaSource>> source) {
  if (state_ != State::Opening) return;
  if (!source) return leave(failure(why_unreadable(source.error())));
  source_ = std::move(*source);
  if (auto started = sink_.start(source_->tracks()); !started) {
    return leave(failure(std::move(started).error()));
  }
  sink_started_ = true;
  state_ = State::Playing;
  limit_timer_->stop();
  source_->set_on_ready([this] { advance(); });
  observer_.on_playing(source_->tracks());
  timer_->start(Duration::zero());
}

// Why no frames come of these bytes: the connection's fault before the bytes', and the bytes' own
// before what a demuxer makes of them.
Error TsSession::why_unreadable(const Error& why) const {
  if (closed_ && closed_->code != ErrorCode::Closed) return *closed_;
  if (bytes_received_ == 0) {
    return {ErrorCode::Malformed, fmt::format("{} ended the stream before it sent any", peer_)};
  }
  if (scanner_.figures().packets == 0) {
    return {ErrorCode::Malformed,
            fmt::format("what {} sends is no MPEG-TS: give its sender -f mpegts", peer_)};
  }
  return why.in("MPEG-TS from " + peer_);
}

// ---- frames at their time -----------------------------------------------------------------------

void TsSession::advance() {
  if (state_ != State::Playing) return;
  for (int frames = 0; frames < kMostFramesPerTurn; ++frames) {
    if (!play_next()) return;
  }
  timer_->start(Duration::zero());
}

void TsSession::read() {
  while (!source_is_over_ && playback_.wants_more()) {
    auto reading = source_->next();
    if (!reading) {
      damage_ = std::move(reading).error();
      source_is_over_ = true;
    } else if (std::holds_alternative<NotYet>(*reading)) {
      return;
    } else if (std::holds_alternative<EndOfMedia>(*reading)) {
      source_is_over_ = true;
    } else {
      playback_.add(std::get<Frame>(std::move(*reading)), now());
    }
  }
}

bool TsSession::play_next() {
  read();
  const std::optional<Timestamp> due = playback_.next_due();
  if (!due) {
    if (source_is_over_ && !playback_.is_paused()) leave(outcome());
    return false;
  }
  const Timestamp at = now();
  if (*due > at) {
    timer_->start(*due - at);
    return false;
  }
  const Frame frame = playback_.take(at);
  if (auto consumed = sink_.consume(frame, *due); !consumed) {
    leave(failure(std::move(consumed).error()));
    return false;
  }
  return true;
}

Result<void> TsSession::outcome() const {
  const std::string after = fmt::format(" after {:.1f} s; what came until then was played",
                                        to_seconds(playback_.stats().played));
  if (closed_ && closed_->code != ErrorCode::Closed) {
    return failure(closed_->code, "the stream broke off: " + closed_->message + after);
  }
  if (scanner_.incomplete_bytes() > 0) {
    return failure(ErrorCode::Malformed,
                   fmt::format("{} ended the stream in the middle of a packet{}", peer_, after));
  }
  if (damage_) return failure(damage_->in("MPEG-TS from " + peer_));
  return {};
}

void TsSession::pause() {
  if (state_ != State::Playing || is_paused()) return;
  playback_.pause(now());
  timer_->stop();
  sink_.pause();
}

void TsSession::resume() {
  if (state_ != State::Playing || !is_paused()) return;
  playback_.resume(now());
  sink_.resume();
  timer_->start(Duration::zero());
}

// ---- the end ------------------------------------------------------------------------------------

void TsSession::stop() {
  if (state_ == State::Leaving) return finish();
  if (state_ != State::Ended) leave({});
}

void TsSession::leave(Result<void> how) {
  if (state_ == State::Leaving || state_ == State::Ended) return;
  const bool has_met = std::exchange(state_, State::Leaving) != State::Connecting;
  how_ = std::move(how);
  timer_->stop();
  pipe_->cancel();
  playback_.end();
  if (sink_started_) {
    const Result<void> finished = sink_.finish();
    if (how_ && !finished) how_ = finished;
  }
  const bool says_goodbye = has_met && !closed_;
  limit_timer_->start(says_goodbye ? options_.farewell_limit : Duration::zero());
  if (!says_goodbye) return;
  association_->set_observer(this);
  association_->shutdown();
}

void TsSession::finish() {
  if (std::exchange(state_, State::Ended) == State::Ended) return;
  limit_timer_->stop();
  const Result<void> how = how_;
  observer_.on_finished(how);
}

PlaybackStats TsSession::stats() const {
  PlaybackStats stats = playback_.stats();
  const AssociationStats transport = association_->stats();
  stats.policy = "as its sender does";
  stats.transport = transport.stack + ", MPEG-TS";
  stats.bytes_received = bytes_received_;
  stats.packets_received = transport.packets_received;
  if (!transport.paths.empty()) stats.round_trip = transport.paths.front().smoothed_rtt;
  const TsFigures& figures = scanner_.figures();
  stats.transport_stream =
      TransportStreamFigures{figures.packets, figures.gaps, figures.damaged, figures.foreign_bytes};
  const bool is_over = source_is_over_ && !playback_.next_due();
  stats.complete = is_over && closed_ && closed_->code == ErrorCode::Closed && outcome();
  return stats;
}

}  // namespace mayfly
