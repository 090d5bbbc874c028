#include "server/playout.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "core/check.h"

namespace mayfly {
namespace {

// A playout that catches up lets the others have their turn after this many frames.
constexpr int kMostFramesPerTurn = 32;
// An association tells when its buffer is nearly empty. What waits may fit long before.
constexpr Duration kRetryInterval = 20ms;

}  // namespace

Playout::Playout(std::unique_ptr<MediaSource> source, FrameSender& sender, Observer& observer,
                 const Clock& clock, TimerFactory& timers, const PlayoutOptions& options)
    : source_(std::move(source)),
      sender_(sender),
      observer_(observer),
      clock_(clock),
      options_(options),
      timer_(timers.create([this] { run(); })),
      lookahead_(options.lookahead) {
  source_->set_on_ready([this] { run(); });
}

Playout::~Playout() = default;

Result<void> Playout::start(const Start& start) {
  MAYFLY_CHECK(state_ == State::Idle);
  if (start.position) RETURN_IF_ERROR(source_->seek(*start.position));
  playout_delay_ = start.playout_delay;
  loop_ = start.loop;
  begin_epoch(std::nullopt);
  return {};
}

Result<void> Playout::seek(MediaTime position) {
  RETURN_IF_ERROR(source_->seek(position));
  stop();
  begin_epoch(std::nullopt);
  return {};
}

void Playout::begin_epoch(std::optional<Timestamp> at) {
  state_ = State::Starting;
  begin_at_ = at;
  schedule_.emplace(playout_delay_, options_.schedule);
  lookahead_.clear();
  source_is_over_ = source_was_dry_ = is_blocked_ = false;
  damage_.reset();
  epoch_ = observer_.next_epoch();
  // Not from here: whoever asked is not to be called back before the call returns.
  timer_->start(Duration::zero());
}

void Playout::pause() {
  if (is_paused_) return;
  is_paused_ = true;
  if (state_ == State::Running) schedule_->pause(clock_.now());
}

void Playout::resume() {
  if (!is_paused_) return;
  is_paused_ = false;
  if (state_ == State::Running) schedule_->resume(clock_.now());
  if (state_ == State::Running || state_ == State::Starting) timer_->start(Duration::zero());
}

void Playout::stop() {
  timer_->stop();
  sender_.give_up_everything();
  if (state_ == State::Running) {
    if (refused_) sender_.give_up(*refused_, epoch_);
    // Those that found no turn because others were blocked were due all the same.
    const Timestamp now = clock_.now();
    while (!is_paused_ && !lookahead_.empty() && schedule_->due(lookahead_.next()) <= now) {
      sender_.give_up({lookahead_.take(), {}, {}}, epoch_);
    }
  }
  refused_.reset();
  lookahead_.clear();
  is_blocked_ = false;
  state_ = State::Ended;
}

void Playout::on_room() {
  sender_.send_waiting(clock_.now());
  if (is_blocked_) run();
}

void Playout::run() {
  if (state_ != State::Running && state_ != State::Starting) return;
  read();
  if (state_ == State::Starting && !announce()) return;
  // The observer may have stopped it when it heard.
  if (is_paused_ || state_ != State::Running) return;
  sender_.send_waiting(clock_.now());
  for (int frames = 0; frames < kMostFramesPerTurn; ++frames) {
    // The last thing it may do is to tell the observer of the end, who may destroy this.
    if (!hand_over_next()) return;
  }
  timer_->start(Duration::zero());
}

void Playout::read() {
  while (!source_is_over_ && lookahead_.wants_more()) {
    auto reading = source_->next();
    if (!reading) {
      damage_ = std::move(reading).error();
      source_is_over_ = true;
    } else if (std::holds_alternative<EndOfMedia>(*reading)) {
      source_is_over_ = true;
    } else if (std::holds_alternative<NotYet>(*reading)) {
      source_was_dry_ = true;
      return;
    } else {
      place(std::get<Frame>(std::move(*reading)));
      source_was_dry_ = false;
    }
  }
}

void Playout::place(Frame frame) {
  schedule_->place(frame);
  const bool is_live = !source_->duration();
  if (is_live && source_was_dry_ && state_ == State::Running && !is_paused_) {
    // The input stood still. Without giving way, every frame from here on would be late.
    const Duration lag = clock_.now() - schedule_->due(frame);
    if (lag > options_.most_live_lag) {
      schedule_->postpone(lag);
      frame.dts += lag;
      frame.pts += lag;
    }
  }
  lookahead_.add(std::move(frame));
}

bool Playout::announce() {
  const Frame* first = lookahead_.first_i_frame();
  if (first == nullptr) {
    if (source_is_over_) {
      if (!damage_) damage_ = Error{ErrorCode::Malformed, "there are no frames in it"};
      end();
    }
    return false;
  }
  const Timestamp now = clock_.now();
  schedule_->begin(std::max(begin_at_.value_or(now), now), lookahead_.next().dts);
  if (is_paused_) schedule_->pause(now);
  state_ = State::Running;
  observer_.on_playing(epoch_, *schedule_, first->pts);
  return true;
}

bool Playout::hand_over_next() {
  if (refused_) return offer_refused();
  read();
  if (lookahead_.empty()) {
    if (source_is_over_) end_or_turn();
    return false;
  }
  const Timestamp now = clock_.now();
  const Timestamp due = schedule_->due(lookahead_.next());
  if (due - options_.lead > now) {
    const Timestamp next = due - options_.lead;
    wake_at(sender_.is_waiting() ? std::min(next, now + kRetryInterval) : next);
    return false;
  }
  Frame frame = lookahead_.take();
  const Timestamp deadline = schedule_->deadline(frame);
  position_ = frame.dts;
  refused_ = FrameSender::DueFrame{std::move(frame), due, deadline};
  return offer_refused();
}

bool Playout::offer_refused() {
  is_blocked_ = sender_.offer(*refused_, epoch_, clock_.now()) == FrameSender::Outcome::Blocked;
  if (is_blocked_) {
    wake_at(clock_.now() + kRetryInterval);
    return false;
  }
  refused_.reset();
  return true;
}

void Playout::end_or_turn() {
  if (!loop_ || damage_) return end();
  const auto rewound = source_->seek(MediaTime{});
  if (!rewound) {
    damage_ = rewound.error();
    return end();
  }
  begin_epoch(schedule_->end());
}

void Playout::end() {
  state_ = State::Ended;
  timer_->stop();
  observer_.on_source_ended(epoch_, std::exchange(damage_, std::nullopt));
}

void Playout::wake_at(Timestamp when) {
  timer_->start(std::max(when - clock_.now(), Duration::zero()));
}

}  // namespace mayfly
