#include "server/ts_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "core/quantity.h"

namespace mayfly {
namespace {

// A feed that catches up lets the others have their turn after this many frames.
constexpr int kFramesPerTurn = 32;
// An association tells when its buffer is nearly empty. What waits may fit long before.
constexpr Duration kRoomInterval = 20ms;
constexpr size_t kMostUnsettled = 100'000;

}  // namespace

TsFeed::TsFeed(uint64_t id, std::string clip, std::unique_ptr<Association> association,
               const Clock& clock, TimerFactory& timers, const TsFeedOptions& options,
               Observer& observer)
    : id_(id),
      clip_(std::move(clip)),
      clock_(clock),
      options_(options),
      observer_(observer),
      began_(clock.now()),
      association_(std::move(association)),
      progress_at_(began_),
      timer_(timers.create([this] { run(); })),
      tick_timer_(timers.create([this] { tick(); })),
      goodbye_timer_(timers.create([this] {
        association_->abort("did not answer our goodbye");
        conclude(ending_.value_or(Error{ErrorCode::Timeout, "did not answer our goodbye"}));
      })) {
  association_->set_observer(this);
  tick_timer_->start(options_.tick);
}

TsFeed::~TsFeed() { association_->set_observer(nullptr); }

void TsFeed::open(Result<std::unique_ptr<MediaSource>> source) {
  if (state_ != State::Opening) return;
  if (!source) return end(source.error());
  auto muxer = TsMuxer::create((*source)->tracks());
  if (!muxer) return end(muxer.error().in(clip_));
  source_ = std::move(*source);
  muxer_ = std::move(*muxer);
  state_ = State::Running;
  source_->set_on_ready([this] { run(); });
  timer_->start(Duration::zero());
}

void TsFeed::end(const Error& why) {
  if (state_ == State::Leaving || state_ == State::Ended) return;
  give_up_waiting();
  state_ = State::Leaving;
  ending_ = why;
  timer_->stop();
  association_->shutdown();
  goodbye_timer_->start(options_.goodbye_limit);
}

void TsFeed::on_message(Message) {
  if (state_ == State::Leaving || state_ == State::Ended) return;
  const Error why{ErrorCode::InvalidArgument,
                  "the reader said something: this port sends MPEG-TS and takes nothing; a "
                  "mayfly player reads it with a sctp+ts:// URL"};
  association_->abort(why.message);
  conclude(why);
}

void TsFeed::on_message_abandoned(MessageId id, Abandonment) {
  ++stats_.abandoned;
  // What is left of a picture without its middle is of no use.
  if (options_.delivery == TsDelivery::ByClass) association_->abandon(id);
}

void TsFeed::on_closed(const Error& reason) { conclude(ending_.value_or(reason)); }

void TsFeed::conclude(const Error& why) {
  if (std::exchange(state_, State::Ended) == State::Ended) return;
  unwanted_.request_stop();
  timer_->stop();
  tick_timer_->stop();
  goodbye_timer_->stop();
  waiting_.clear();
  observer_.on_ended(*this, why);
}

// ---- frames at their time -----------------------------------------------------------------------

void TsFeed::run() {
  if (state_ == State::Draining) return drain();
  if (state_ != State::Running) return;
  for (int frames = 0; frames < kFramesPerTurn; ++frames) {
    if (!hand_over_next()) return;
  }
  timer_->start(Duration::zero());
}

void TsFeed::read() {
  while (!source_is_over_ && lookahead_.wants_more()) {
    auto reading = source_->next();
    if (!reading) {
      damage_ = std::move(reading).error();
      source_is_over_ = true;
    } else if (std::holds_alternative<NotYet>(*reading)) {
      return;
    } else if (std::holds_alternative<EndOfMedia>(*reading)) {
      source_ended();
    } else {
      place(std::get<Frame>(std::move(*reading)));
    }
  }
}

void TsFeed::source_ended() {
  // A turn that gave no frame would be followed by another at once, and so on.
  const bool is_empty = turn_begins_;
  const bool turns = options_.loop && has_begun_ && !is_empty && source_->duration();
  const Result<void> rewound = turns ? source_->seek(MediaTime{}) : Result<void>{};
  source_is_over_ = !turns || !rewound;
  turn_begins_ = !source_is_over_;
  if (!rewound) damage_ = rewound.error();
  if (is_empty)
    damage_ = Error{ErrorCode::Malformed, clip_ + ": there are no frames in it any more"};
}

// A decoder sees one stream that goes on: what follows the clip's end follows it in time, too.
void TsFeed::place(Frame frame) {
  if (std::exchange(turn_begins_, false)) {
    ++stats_.turns;
    turn_shift_ = schedule_.first_dts() + (schedule_.end() - schedule_.started_at()) - frame.dts;
  }
  frame.dts += turn_shift_;
  frame.pts += turn_shift_;
  schedule_.place(frame);
  lookahead_.add(std::move(frame));
}

bool TsFeed::hand_over_next() {
  if (!send_waiting()) {
    timer_->start(kRoomInterval);
    return false;
  }
  read();
  if (lookahead_.empty()) {
    if (!source_is_over_) return false;  // it will say when there is more
    state_ = State::Draining;
    drain();
    return false;
  }
  if (!std::exchange(has_begun_, true)) {
    schedule_.begin(now(), lookahead_.next().dts);
    observer_.on_started(*this);
  }
  const Duration early = schedule_.due(lookahead_.next()) - now();
  if (early > Duration::zero()) {
    timer_->start(early);
    return false;
  }
  hand_over(lookahead_.take());
  return true;
}

size_t TsFeed::message_bytes() const {
  const size_t most =
      std::min(association_->max_chunk_payload_bytes(), association_->max_message_bytes());
  return std::max(most / kTsPacketBytes, size_t{1}) * kTsPacketBytes;
}

void TsFeed::hand_over(const Frame& frame) {
  const auto packets = muxer_->mux(frame);
  // A frame the muxer does not take leaves a hole, like one that is lost.
  if (!packets) {
    damage_ = packets.error().in(clip_);
    return;
  }
  TsRoute route = ts_route(options_, frame.frame_class, association_->outgoing_streams());
  route.options.id = MessageId(next_id_++);
  unsettled_.push_back(route.options.id);
  // What was first in has long left the queue, which holds no more than its bytes.
  if (unsettled_.size() > kMostUnsettled) unsettled_.pop_front();
  ++stats_.frames[index_of(frame.frame_class)];
  const size_t step = message_bytes();
  for (size_t at = 0; at < packets->size(); at += step) {
    const ByteView part = ByteView(*packets).subspan(at, std::min(step, packets->size() - at));
    waiting_.push_back({{route.stream, Ppid(0), Bytes(part.begin(), part.end())}, route.options});
  }
  static_cast<void>(send_waiting());
}

bool TsFeed::send_waiting() {
  while (!waiting_.empty()) {
    Waiting& next = waiting_.front();
    const size_t bytes = next.message.payload.size();
    if (association_->send_buffer_free() < bytes) return false;
    const auto sent = association_->send(std::move(next.message), next.options);
    if (!sent) {
      end(sent.error());
      return false;
    }
    ++stats_.messages;
    stats_.bytes += bytes;
    waiting_.pop_front();
  }
  return true;
}

// ---- the end ------------------------------------------------------------------------------------

void TsFeed::drain() {
  if (state_ != State::Draining) return;
  if (!send_waiting() || association_->buffered_bytes() > 0) {
    if (state_ == State::Draining) timer_->start(kRoomInterval);
    return;
  }
  const Error over = damage_.value_or(Error{ErrorCode::Closed, "the clip is over"});
  if (options_.ending == TsEnding::Shutdown) return end(over);
  association_->abort(over.message);
  conclude(over);
}

void TsFeed::give_up_waiting() {
  waiting_.clear();
  for (const MessageId each : unsettled_) association_->abandon(each);
  unsettled_.clear();
}

void TsFeed::tick() {
  tick_timer_->start(options_.tick);
  if (association_->stats().queued_bytes == 0) unsettled_.clear();
  check_progress();
}

// As in a session: the level of the buffer alone tells nothing.
void TsFeed::check_progress() {
  if (state_ == State::Leaving || state_ == State::Ended) return;
  const size_t buffered = association_->buffered_bytes();
  const uint64_t taken_in = stats_.bytes - std::min<uint64_t>(buffered, stats_.bytes);
  if (buffered == 0 || taken_in > most_taken_in_) progress_at_ = now();
  most_taken_in_ = std::max(most_taken_in_, taken_in);
  if (now() - progress_at_ <= options_.stall_limit) return;
  const Error why{ErrorCode::Timeout,
                  fmt::format("the reader took in nothing for {}", to_text(options_.stall_limit))};
  give_up_waiting();
  association_->abort(why.message);
  conclude(why);
}

TsFeedStats TsFeed::stats() const {
  TsFeedStats stats = stats_;
  stats.id = id_;
  stats.peer = association_->peer();
  stats.clip = clip_;
  stats.connected = now() - began_;
  return stats;
}

}  // namespace mayfly
