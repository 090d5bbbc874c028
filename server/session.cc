#include "server/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "core/check.h"
#include "core/quantity.h"

namespace mayfly {
namespace {

constexpr Duration kDrainInterval = 20ms;
// Of one report; 20 bytes each. More than a second of frames at any rate.
constexpr size_t kMostFatesTold = 1000;

}  // namespace

Session::Session(uint64_t id, std::unique_ptr<Association> association,
                 const Surroundings& surroundings, const SessionOptions& options,
                 Observer& observer)
    : id_(id),
      surroundings_(surroundings),
      options_(options),
      observer_(observer),
      started_at_(surroundings.clock.now()),
      association_(std::move(association)),
      control_(*association_, options.most_control_waiting),
      sender_(*association_, ledger_, options.policy, started_at_, options.sender),
      state_since_(started_at_),
      alive_(std::make_shared<bool>(true)),
      heard_at_(started_at_),
      rate_window_since_(started_at_),
      progress_at_(started_at_),
      tick_timer_(surroundings.timers.create([this] { tick(); })),
      drain_timer_(surroundings.timers.create([this] { drain(); })),
      goodbye_timer_(surroundings.timers.create([this] { on_goodbye_over(); })) {
  association_->set_observer(this);
  tick_timer_->start(options_.report_interval);
}

Session::~Session() {
  if (opening_) opening_->request_stop();
  association_->set_observer(nullptr);
}

void Session::end(const Error& why) {
  if (state_ == SessionState::Leaving) return;
  // What still waits would only hold up the farewell.
  give_up_playout();
  enter(SessionState::Leaving);
  ending_ = why;
  // A player that cannot be told is aborted soon.
  static_cast<void>(control_.send(wire::Bye{why.code, why.message}));
  association_->shutdown();
  goodbye_timer_->start(options_.goodbye_limit);
}

void Session::on_goodbye_over() {
  if (!std::exchange(has_ended_, true)) {
    association_->abort(ending_ ? ending_->message : "goodbye");
    observer_.on_ended(*this, ending_.value_or(Error{ErrorCode::Closed, "goodbye"}));
  }
}

void Session::on_connected() { progress_at_ = heard_at_ = now(); }

void Session::on_closed(const Error& reason) {
  give_up_playout();
  enter(SessionState::Leaving);
  tick_timer_->stop();
  goodbye_timer_->stop();
  if (!std::exchange(has_ended_, true)) observer_.on_ended(*this, ending_.value_or(reason));
}

void Session::on_message_abandoned(MessageId id, Abandonment what) {
  sender_.on_message_abandoned(id, what, now());
}

void Session::on_event(const TransportEvent& event) { observer_.on_transport_event(*this, event); }

void Session::on_send_buffer_low() {
  control_.send_waiting();
  if (playout_) playout_->on_room();
}

void Session::enter(SessionState state) {
  state_ = state;
  state_since_ = now();
}

void Session::send(const wire::ControlMessage& message) {
  if (state_ == SessionState::Leaving) return;
  const auto sent = control_.send(message);
  if (!sent && sent.error().code != ErrorCode::Closed) end(sent.error());
}

void Session::refuse(const Error& why) {
  observer_.on_refused(*this, why);
  send(wire::Refused{why.code, why.message});
}

// ---- what is on its way -------------------------------------------------------------------------

wire::Epoch Session::next_epoch() {
  return wire::Epoch(static_cast<wire::Epoch::Underlying>(epochs_++));
}

void Session::on_playing(wire::Epoch epoch, const PlayoutSchedule& schedule, MediaTime position) {
  epoch_ = epoch;
  owes_end_ = true;
  drain_timer_->stop();
  const MediaSource& source = playout_->source();
  send(wire::Playing{.epoch = epoch,
                     .clip = clip_,
                     .tracks = source.tracks(),
                     .position = position,
                     .first_dts = schedule.first_dts(),
                     .started_at = schedule.started_at() - started_at_,
                     .playout_delay = schedule.playout_delay(),
                     .duration = source.duration(),
                     .policy = sender_.policy().name,
                     .delivery = delivery(),
                     .next_turn = playout_->is_next_turn()});
  // A session that cannot say so has given its playout up.
  if (state_ == SessionState::Leaving) return;
  if (playout_->is_paused()) send(wire::Paused{epoch, since_start()});
  if (state_ == SessionState::Leaving) return;
  enter(playout_->is_paused() ? SessionState::Paused : SessionState::Playing);
  heard_at_ = now();
  observer_.on_playing(*this);
}

void Session::on_source_ended(wire::Epoch epoch, std::optional<Error> damage) {
  if (damage) refuse(damage->in(clip_));
  if (state_ == SessionState::Leaving) return;
  // One that was never announced, a seek or a turn that failed at the source, leaves the player
  // with the end of the one before, if that is still to be told.
  if (epoch_ != epoch) give_up_playout();
  if (!owes_end_) return enter(SessionState::Idle);
  enter(SessionState::Draining);
  progress_at_ = now();
  drain_timer_->start(kDrainInterval);
}

void Session::give_up_playout() {
  wanted_.reset();
  if (opening_) opening_->request_stop();
  drain_timer_->stop();
  if (!playout_) return;
  playout_->stop();
  retired_ = std::move(playout_);
}

std::vector<wire::ClassDelivery> Session::delivery() const {
  std::vector<wire::ClassDelivery> classes;
  for (const FrameClass each : kFrameClasses) {
    const Delivery& delivery = sender_.policy().for_class(each);
    classes.push_back(
        {each, delivery.stream, delivery.ordered, to_text(delivery.lifetime), delivery.priority});
  }
  return classes;
}

// ---- every report interval ----------------------------------------------------------------------

void Session::tick() {
  if (state_ == SessionState::Leaving) return;
  tick_timer_->start(options_.report_interval);
  retired_.reset();
  const AssociationStats stats = association_->stats();
  if (!stats.paths.empty()) sender_.set_round_trip(stats.paths.front().smoothed_rtt);
  control_.send_waiting();
  if (playout_) playout_->on_room();
  check_limits();
  check_progress();
  settle_if_drained();
  report();
}

void Session::check_limits() {
  const auto have_passed = [this](Duration limit, Timestamp since) {
    return now() - since > limit;
  };
  if (state_ == SessionState::Greeting && have_passed(options_.hello_limit, state_since_)) {
    end({ErrorCode::Timeout, fmt::format("no hello within {}", to_text(options_.hello_limit))});
  } else if (state_ == SessionState::Idle && !(playout_ && playout_->is_paused()) &&
             have_passed(options_.idle_limit, state_since_)) {
    end({ErrorCode::Timeout,
         fmt::format("no clip was asked for within {}", to_text(options_.idle_limit))});
  } else if (state_ == SessionState::Playing && have_passed(options_.silence_limit, heard_at_)) {
    end({ErrorCode::Timeout,
         fmt::format("nothing was heard from the player for {}", to_text(options_.silence_limit))});
  }
}

// A player that does not read holds a send buffer's worth of memory, and not for long.
void Session::check_progress() {
  if (state_ == SessionState::Leaving) return;
  const size_t buffered = association_->buffered_bytes();
  const bool must_progress = sender_.is_waiting() || control_.is_waiting() ||
                             (state_ == SessionState::Draining && buffered > 0);
  // What was accepted and is not buffered any more. The buffer's level alone tells nothing: on a
  // link that is slower than the clip it is full again whenever one looks.
  uint64_t accepted = 0;
  for (const auto& [stream, each] : association_->stats().streams) accepted += each.bytes_sent;
  const uint64_t taken_in = accepted - std::min<uint64_t>(buffered, accepted);
  if (!must_progress || taken_in > most_taken_in_) progress_at_ = now();
  most_taken_in_ = std::max(most_taken_in_, taken_in);
  if (now() - progress_at_ <= options_.stall_limit) return;
  end({ErrorCode::Timeout,
       fmt::format("the player took in nothing for {}", to_text(options_.stall_limit))});
}

void Session::report() {
  const bool is_on = state_ == SessionState::Playing || state_ == SessionState::Paused;
  bool is_first = true;
  while (state_ != SessionState::Leaving && !control_.is_waiting()) {
    FateLedger::Telling telling = ledger_.take(kMostFatesTold, now());
    const bool must_report = is_first && is_on;
    if (telling.fates.empty() && !must_report && !delivery_changed_) return;
    wire::SenderReport report;
    report.epoch = telling.fates.empty() ? epoch_.value_or(telling.epoch) : telling.epoch;
    report.fates = std::move(telling.fates);
    report.sent_at = since_start();
    if (report_) {
      report.report_sent_at = report_->sent_at;
      report.report_received_at = report_received_at_;
    }
    if (std::exchange(delivery_changed_, false)) report.delivery = delivery();
    is_first = false;
    send(report);
  }
}

// What was abandoned is told from the loop, after the buffer is already empty; so it must be seen
// empty twice.
void Session::settle_if_drained() {
  if (association_->buffered_bytes() > 0 || sender_.is_waiting()) {
    drained_before_.reset();
    return;
  }
  if (drained_before_) ledger_.settle_before(*drained_before_);
  drained_before_ = sender_.next_id();
}

void Session::drain() {
  if (state_ != SessionState::Draining) return;
  sender_.send_waiting(now());
  settle_if_drained();
  report();
  if (state_ != SessionState::Draining) return;
  if (sender_.is_waiting() || control_.is_waiting() || !ledger_.is_settled(*epoch_)) {
    drain_timer_->start(kDrainInterval);
    return;
  }
  owes_end_ = false;
  send(wire::EndOfClip{*epoch_, ledger_.counts(*epoch_)});
  if (state_ == SessionState::Draining) enter(SessionState::Idle);
}

SessionStats Session::stats() const {
  SessionStats stats;
  stats.id = id_;
  stats.peer = association_->peer();
  stats.software = software_;
  stats.state = state_;
  stats.clip = clip_;
  stats.policy = sender_.policy().name;
  stats.connected = since_start();
  if (playout_) stats.position = playout_->position();
  stats.playout_delay = playout_delay_;
  stats.classes = ledger_.stats();
  stats.transport = association_->stats();
  if (!stats.transport.paths.empty()) {
    stats.round_trip = stats.transport.paths.front().smoothed_rtt;
    stats.congestion_window_bytes = stats.transport.paths.front().congestion_window_bytes;
  }
  stats.chunks_retransmitted = stats.transport.chunks_retransmitted;
  for (const auto& [stream, counters] : stats.transport.streams) {
    stats.stream_names[stream] = name_of_stream(sender_.policy(), stream);
  }
  stats.buffered_bytes = association_->buffered_bytes();
  stats.malformed_messages = malformed_;
  stats.report = report_;
  return stats;
}

}  // namespace mayfly
