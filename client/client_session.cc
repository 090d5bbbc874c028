#include "client/client_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/association_summary.h"

namespace mayfly {

std::string_view to_string(ClientSession::State state) {
  switch (state) {
    case ClientSession::State::Connecting: return "connecting";
    case ClientSession::State::Greeting: return "greeting";
    case ClientSession::State::Ready: return "ready";
    case ClientSession::State::Starting: return "starting";
    case ClientSession::State::Playing: return "playing";
    case ClientSession::State::Paused: return "paused";
    case ClientSession::State::Draining: return "draining";
    case ClientSession::State::Stopping: return "stopping";
    case ClientSession::State::Leaving: return "leaving";
    case ClientSession::State::Ended: return "ended";
  }
  return "?";
}

ClientSession::ClientSession(std::unique_ptr<Association> association, const Clock& clock,
                             TimerFactory& timers, FrameSink& sink, Observer& observer,
                             ClientOptions options)
    : association_(std::move(association)),
      clock_(clock),
      sink_(sink),
      observer_(observer),
      options_(std::move(options)),
      began_(clock.now()),
      peer_(association_->peer()),
      playout_timer_(timers.create([this] { advance(); })),
      report_timer_(timers.create([this] { report(); })),
      deadline_timer_(timers.create([this] { on_deadline(); })) {
  association_->set_observer(this);
}

ClientSession::~ClientSession() {
  if (association_) association_->set_observer(nullptr);
}

void ClientSession::list_clips() {
  list_wanted_ = true;
  send_waiting_requests();
}

void ClientSession::play(PlayRequest request) {
  if (wanted_ || playback_) return;
  wanted_ = std::move(request);
  send_waiting_requests();
}

void ClientSession::send_waiting_requests() {
  if (state_ != State::Ready && !is_under_way()) return;
  if (std::exchange(list_wanted_, false)) {
    ask(Request::List, wire::CatalogueRequest{});
    if (state_ == State::Ready) deadline_timer_->start(options_.answer_limit);
  }
  if (!wanted_ || playback_) return;
  playback_ = std::make_unique<Playback>(options_.playback, clocks_, clock_.now());
  ask(Request::Play, wire::Play{.clip = wanted_->clip,
                                .position = wanted_->position,
                                .playout_delay = wanted_->playout_delay,
                                .loop = wanted_->loop});
  deadline_timer_->start(options_.answer_limit);
  enter(State::Starting);
}

void ClientSession::pause() {
  if (state_ != State::Playing) return;
  playback_->pause(clock_.now());
  ask(Request::Pause, wire::Pause{});
  follow_pause();
}

void ClientSession::resume() {
  if (state_ != State::Paused) return;
  playback_->resume(clock_.now());
  ask(Request::Resume, wire::Resume{});
  follow_pause();
}

void ClientSession::follow_pause() {
  if (playback_->is_paused() && state_ == State::Playing) {
    sink_.pause();
    enter(State::Paused);
  } else if (!playback_->is_paused() && state_ == State::Paused) {
    sink_.resume();
    enter(State::Playing);
  }
  advance();
}

void ClientSession::seek(MediaTime position) {
  if (!is_under_way()) return;
  // Of several that come together the server answers the last only.
  if (is_unanswered(Request::Seek)) {
    next_seek_ = position;
  } else {
    ask(Request::Seek, wire::Seek{position});
  }
}

void ClientSession::seek_on() {
  if (is_under_way() && next_seek_) seek(*std::exchange(next_seek_, std::nullopt));
}

void ClientSession::set_delivery(FrameClass frame_class, std::string lifetime) {
  if (!is_under_way()) return;
  ask(Request::SetDelivery, wire::SetDelivery{frame_class, std::move(lifetime)});
}

void ClientSession::stop() {
  was_stopped_ = true;
  if (state_ == State::Leaving) {
    association_.reset();
    deadline_timer_->start(Duration::zero());
    return;
  }
  if (state_ == State::Draining) return leave(failure(*lost_));
  if (!is_under_way() || playback_->end_is_known() || !association_) return leave({});
  playback_->cut_short(clock_.now());
  playout_timer_->stop();
  report_timer_->stop();
  outcome_ = finish_sink();
  send(wire::Stop{});
  deadline_timer_->start(options_.stop_limit);
  enter(State::Stopping);
}

void ClientSession::on_deadline() {
  const auto seconds = to_seconds(options_.answer_limit);
  switch (state_) {
    case State::Greeting:
      return leave(failure(ErrorCode::Timeout,
                           fmt::format("{} accepted the connection but sent no greeting within "
                                       "{:g} s; is it a mayfly server?",
                                       peer_, seconds)));
    case State::Starting:
      return leave(failure(
          ErrorCode::Timeout,
          fmt::format("{} did not start clip '{}' within {:g} s", peer_, wanted_->clip, seconds)));
    case State::Ready:
      return leave(failure(ErrorCode::Timeout,
                           fmt::format("{} did not list its clips within {:g} s", peer_, seconds)));
    case State::Stopping: return leave({});
    case State::Leaving: return finish();
    case State::Connecting:
    case State::Playing:
    case State::Paused:
    case State::Draining:
    case State::Ended: return;
  }
}

void ClientSession::enter(State state) {
  if (state_ == state) return;
  state_ = state;
  observer_.on_state(state);
}

bool ClientSession::is_under_way() const {
  return state_ == State::Playing || state_ == State::Paused;
}

void ClientSession::advance() {
  if (!is_under_way() && state_ != State::Draining) return;
  const Timestamp now = clock_.now();
  PlaybackStep step = playback_->next(now);
  while (!std::holds_alternative<Wait>(step)) {
    if (const auto done = act(step); !done) return leave(failure(done.error()));
    step = playback_->next(now);
  }
  if (has_ended(now)) return leave(lost_ ? Result<void>(failure(*lost_)) : Result<void>());
  Timestamp until = std::get<Wait>(step).until;
  if (playback_->end_is_known()) {
    until = std::min(until, playback_->last_deadline().value_or(Timestamp::max()));
  }
  if (state_ == State::Draining) until = std::min(until, drained_at_);
  if (until == Timestamp::max()) {
    playout_timer_->stop();
  } else {
    playout_timer_->start(std::max(until - now, Duration::zero()));
  }
}

Result<void> ClientSession::act(PlaybackStep& step) {
  if (std::holds_alternative<Jump>(step)) {
    sink_.discontinuity();
    return {};
  }
  const Play& play = std::get<Play>(step);
  return sink_.consume(play.frame, play.due);
}

bool ClientSession::has_ended(Timestamp now) const {
  if (state_ == State::Draining) return playback_->is_empty() || now >= drained_at_;
  // The end of what plays is not the end when a seek is under way.
  if (is_unanswered(Request::Seek)) return false;
  return playback_->is_over(now);
}

void ClientSession::report() {
  if (!is_under_way() && state_ != State::Draining) return;
  const Timestamp now = clock_.now();
  playback_->tidy(now);
  if (auto report = playback_->report(now); report && state_ != State::Draining) {
    report->sent_at = session_time();
    send(*std::move(report));
  }
  report_timer_->start(options_.report_interval);
}

void ClientSession::lose(Error reason) {
  if (!is_under_way()) {
    // Fates that will not be told any more keep nobody from a stop in good order.
    return state_ == State::Stopping ? leave({}) : leave(failure(std::move(reason)));
  }
  unanswered_.clear();
  next_seek_.reset();
  const Timestamp now = clock_.now();
  const bool was_paused = playback_->is_paused();
  playback_->resume(now);
  if (was_paused) sink_.resume();
  // When all was told already, there is nothing to miss.
  if (playback_->end_is_known()) {
    enter(State::Playing);
    return advance();
  }
  lost_ = std::move(reason);
  drained_at_ = std::min(playback_->last_deadline().value_or(now),
                         now + playing_->playout_delay + options_.answer_limit);
  enter(State::Draining);
  advance();
}

void ClientSession::leave(Result<void> how) {
  if (state_ == State::Leaving || state_ == State::Ended) return;
  const bool was_connected = state_ != State::Connecting;
  // A sink that failed before stays the reason.
  if (outcome_ || state_ != State::Stopping) outcome_ = std::move(how);
  playout_timer_->stop();
  report_timer_->stop();
  if (const auto finished = finish_sink(); !finished && outcome_) outcome_ = finished;
  if (playback_) {
    const bool complete = outcome_ && !was_stopped_ && playback_->end_is_known();
    final_stats_ = playback_->final_stats(clock_.now());
    final_stats_->complete = complete;
  }
  state_ = State::Leaving;
  if (association_ && was_connected) {
    send(wire::Bye{outcome_ ? ErrorCode::Closed : outcome_.error().code,
                   outcome_ ? "" : outcome_.error().message});
    association_->shutdown();
    deadline_timer_->start(options_.farewell_limit);
  } else {
    deadline_timer_->start(Duration::zero());
  }
  observer_.on_state(state_);
}

Result<void> ClientSession::finish_sink() {
  if (!std::exchange(sink_started_, false)) return {};
  return sink_.finish();
}

void ClientSession::finish() {
  if (association_) {
    last_transport_ = association_->stats();
    association_.reset();
  }
  deadline_timer_->stop();
  enter(State::Ended);
  observer_.on_finished(outcome_);
}

PlaybackStats ClientSession::stats() const {
  if (final_stats_) return with_transport(*final_stats_);
  return playback_ ? with_transport(playback_->stats(clock_.now())) : PlaybackStats{};
}

PlaybackStats ClientSession::with_transport(PlaybackStats stats) const {
  const AssociationStats transport = transport_stats();
  for (const auto& [stream, each] : transport.streams) stats.bytes_received += each.bytes_received;
  stats.packets_received = transport.packets_received;
  stats.transport = transport.stack;
  stats.association = summary_of(transport, playing_);
  return stats;
}

AssociationStats ClientSession::transport_stats() const {
  return association_ ? association_->stats() : last_transport_;
}

std::optional<MediaTime> ClientSession::position() const {
  return playback_ ? playback_->position(clock_.now()) : std::nullopt;
}

Duration ClientSession::buffer_level() const {
  return playback_ ? playback_->buffer_level() : Duration::zero();
}

}  // namespace mayfly
