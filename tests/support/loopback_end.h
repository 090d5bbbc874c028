#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/check.h"
#include "core/random.h"
#include "tests/support/loopback_association.h"
#include "transport/association_events.h"

namespace mayfly {

// A message from send() to its acknowledgement.
struct LoopbackParcel {
  Message message;
  SendOptions options;
  uint64_t age = 0;  // order of send()
  std::optional<Timestamp> expires{};
  uint32_t times_sent = 0;
  std::optional<uint64_t> sequence{};  // among the ordered messages of its stream, once sent
  Simulation::EventId expiry = 0;
};
using ParcelPtr = std::shared_ptr<LoopbackParcel>;

struct PriorityThenAge {
  bool operator()(const ParcelPtr& a, const ParcelPtr& b) const {
    return std::pair(a->options.priority, a->age) < std::pair(b->options.priority, b->age);
  }
};

// One end. Everything scheduled holds it by shared_ptr and asks `alive` first, so an end may be
// destroyed from any callback.
class LoopbackEnd final : public LoopbackControls,
                          public std::enable_shared_from_this<LoopbackEnd> {
 public:
  LoopbackEnd(Simulation& simulation, const LoopbackOptions& options, const LoopbackLink& out,
              Duration back, uint64_t seed, std::string peer_name)
      : simulation_(simulation),
        options_(options),
        out_(out),
        round_trip_(out.delay + back),
        random_(seed),
        peer_name_(std::move(peer_name)) {}

  void join(const std::shared_ptr<LoopbackEnd>& peer) { peer_ = peer; }
  void establish() override {
    if (state_ != State::Connecting) return;
    state_ = State::Open;
    tell({.kind = TransportEventKind::AssociationUp});
    raise([](Association::Observer& observer) { observer.on_connected(); });
    pump();
  }

  void set_observer(Association::Observer* observer) {
    observer_ = observer;
    schedule_events();
  }

  [[nodiscard]] Result<void> send(Message message, const SendOptions& options) {
    if (state_ == State::Closed || shutting_down_) {
      return failure(ErrorCode::Closed, "the association is closed");
    }
    RETURN_IF_ERROR(check(message, options));
    if (message.payload.size() > send_buffer_free()) {
      refused_ = true;
      ++refusals_;
      return failure(ErrorCode::Exhausted, "the send buffer is full");
    }
    auto parcel = std::make_shared<LoopbackParcel>(
        LoopbackParcel{std::move(message), options, next_age_++, {}});
    auto& stream = streams_[parcel->message.stream];
    ++stream.messages_sent;
    stream.bytes_sent += parcel->message.payload.size();
    queued_bytes_ += parcel->message.payload.size();
    above_low_ = above_low_ || queued_bytes_ > options_.send_queue_low_bytes;
    if (options.lifetime) {
      parcel->expires = simulation_.now() + *options.lifetime;
      parcel->expiry = simulation_.at(*parcel->expires, [self = shared_from_this(), parcel] {
        if (self->alive_) self->expire(parcel);
      });
    }
    queue_.insert(std::move(parcel));
    pump_later();
    return {};
  }

  void abandon(MessageId id) {
    std::vector<ParcelPtr> given_up;
    for (const ParcelPtr& each : queue_) {
      if (each->options.id == id && each->times_sent == 0) given_up.push_back(each);
    }
    for (const ParcelPtr& each : given_up) give_up(each);
  }

  [[nodiscard]] size_t send_buffer_free() const {
    return options_.send_queue_bytes - std::min(queued_bytes_, options_.send_queue_bytes);
  }
  [[nodiscard]] size_t buffered_bytes() const { return queued_bytes_ + in_flight_bytes_; }
  [[nodiscard]] const LoopbackOptions& options() const { return options_; }
  [[nodiscard]] const std::string& peer_name() const { return peer_name_; }

  [[nodiscard]] AssociationStats stats() const {
    AssociationStats stats;
    stats.stack = "loopback";
    stats.congestion_control = "none";
    PathStats path;
    path.address = peer_name_;
    path.active = path.primary = true;
    path.smoothed_rtt = round_trip_;
    path.retransmission_timeout = recovery_time();
    path.congestion_window_bytes = options_.window_bytes;
    path.mtu_bytes = options_.max_chunk_payload_bytes;
    stats.paths.push_back(std::move(path));
    stats.outstanding_bytes = in_flight_bytes_;
    stats.queued_bytes = queued_bytes_;
    stats.packets_sent = transmissions_;
    stats.packets_received = delivered_;
    stats.chunks_retransmitted = retransmissions_;
    stats.messages_refused = refusals_;
    stats.streams = streams_;
    stats.events = event_counts_;
    return stats;
  }

  void shutdown() {
    if (state_ == State::Closed || shutting_down_) return;
    shutting_down_ = true;
    simulation_.at(simulation_.now() + options_.shutdown_limit, [self = shared_from_this()] {
      if (self->alive_ && self->state_ != State::Closed) {
        self->end({ErrorCode::Timeout, "the peer did not finish the shutdown"},
                  {ErrorCode::Io, "aborted by the peer: shutdown took too long"});
      }
    });
    finish_when_drained();
  }

  void abort(const std::string& reason) {
    if (state_ == State::Closed) return;
    end({ErrorCode::Io, "aborted: " + reason}, {ErrorCode::Io, "aborted by the peer: " + reason});
  }

  // The association object is gone.
  void release() {
    observer_ = nullptr;
    if (state_ != State::Closed) end({}, {ErrorCode::Io, "aborted by the peer"});
    alive_ = false;
    for (const ParcelPtr& each : queue_) simulation_.cancel(each->expiry);
    queue_.clear();
  }

  void set_reading(bool reading) override {
    reading_ = reading;
    while (reading_ && !unread_.empty()) {
      auto next = std::move(unread_.front());
      unread_.pop_front();
      take_in(next);
    }
  }
  void vanish() override {
    vanished_ = true;
    const auto peer = peer_.lock();
    if (!peer) return;
    simulation_.at(simulation_.now() + options_.dead_peer_after, [self = shared_from_this(), peer] {
      const Error reason{ErrorCode::Timeout, "the peer does not answer"};
      if (peer->alive_) peer->close(reason);
      if (self->alive_) self->close(reason);
    });
  }
  void tell(const TransportEvent& event) override {
    event_counts_.add(event.kind);
    raise([event](Association::Observer& observer) { observer.on_event(event); });
  }
  [[nodiscard]] uint64_t messages_delivered() const override { return delivered_; }

 private:
  enum class State { Connecting, Open, Closed };
  using Event = std::function<void(Association::Observer&)>;

  [[nodiscard]] Result<void> check(const Message& message, const SendOptions& options) const {
    if (message.payload.empty() || message.payload.size() > options_.max_message_bytes) {
      return failure(ErrorCode::InvalidArgument, "a message of an impossible size");
    }
    if (message.stream.value() >= options_.streams) {
      return failure(ErrorCode::InvalidArgument, "a stream the peer does not have");
    }
    if (options.lifetime &&
        (options.max_retransmissions || *options.lifetime <= Duration::zero())) {
      return failure(ErrorCode::InvalidArgument, "an impossible lifetime");
    }
    return {};
  }

  [[nodiscard]] Duration recovery_time() const { return round_trip_ + 5ms; }

  void pump_later() {
    if (pump_scheduled_) return;
    pump_scheduled_ = true;
    simulation_.at(std::max(simulation_.now(), line_free_at_), [self = shared_from_this()] {
      self->pump_scheduled_ = false;
      if (self->alive_) self->pump();
    });
  }

  // Puts the next message on the line, as soon as the line is free and the window allows.
  void pump() {
    while (state_ == State::Open && !queue_.empty() && in_flight_bytes_ < options_.window_bytes) {
      if (simulation_.now() < line_free_at_) return pump_later();
      const ParcelPtr parcel = *queue_.begin();
      queue_.erase(queue_.begin());
      transmit(parcel);
    }
  }

  void transmit(const ParcelPtr& parcel) {
    const size_t bytes = parcel->message.payload.size();
    queued_bytes_ -= bytes;
    in_flight_bytes_ += bytes;
    in_flight_.insert(parcel);
    ++transmissions_;
    if (parcel->times_sent++ > 0) ++retransmissions_;
    if (parcel->options.ordered && !parcel->sequence) {
      parcel->sequence = next_sequence_[parcel->message.stream]++;
    }
    if (out_.rate) line_free_at_ = simulation_.now() + out_.rate->time_for(bytes);
    const Timestamp arrives = std::max(simulation_.now(), line_free_at_) + out_.delay;
    const auto peer = peer_.lock();
    if (is_lost(bytes) || vanished_ || !peer) {
      simulation_.at(arrives - out_.delay + recovery_time(), [self = shared_from_this(), parcel] {
        if (self->alive_) self->on_lost(parcel);
      });
    } else {
      simulation_.at(arrives, [peer, parcel] {
        if (peer->alive_ && !peer->vanished_) peer->arrive(parcel);
      });
    }
    tell_room();
  }

  [[nodiscard]] bool is_lost(size_t bytes) {
    const size_t chunks =
        (bytes + options_.max_chunk_payload_bytes - 1) / options_.max_chunk_payload_bytes;
    bool lost = false;
    for (size_t i = 0; i < chunks; ++i) lost = random_.chance(out_.loss) || lost;
    return lost;
  }

  void on_lost(const ParcelPtr& parcel) {
    if (in_flight_.count(parcel) == 0) return;
    if (vanished_) return;
    const auto limit = parcel->options.max_retransmissions;
    if (limit && parcel->times_sent > *limit) return give_up(parcel);
    leave_flight(parcel);
    queued_bytes_ += parcel->message.payload.size();
    queue_.insert(parcel);
    pump();
  }

  void arrive(const ParcelPtr& parcel) {
    if (state_ == State::Closed) return;
    if (!reading_) {
      unread_.push_back(parcel);
    } else {
      take_in(parcel);
    }
  }

  void take_in(const ParcelPtr& parcel) {
    const auto peer = peer_.lock();
    if (peer) {
      simulation_.at(simulation_.now() + round_trip_ - peer->out_.delay, [peer, parcel] {
        if (peer->alive_) peer->on_acknowledged(parcel);
      });
    }
    if (!parcel->sequence) return deliver(parcel->message);
    held_[parcel->message.stream][*parcel->sequence] = parcel->message;
    deliver_in_order(parcel->message.stream);
  }

  // The peer gave up an ordered message: what was held for it can go (RFC 3758 3.6, FORWARD-TSN).
  void skip(StreamId stream, uint64_t sequence) {
    held_[stream].emplace(sequence, std::nullopt);
    deliver_in_order(stream);
  }

  void deliver_in_order(StreamId stream) {
    auto& held = held_[stream];
    uint64_t& expected = expected_[stream];
    for (auto next = held.find(expected); next != held.end(); next = held.find(++expected)) {
      if (next->second) deliver(std::move(*next->second));
      held.erase(next);
    }
  }

  void deliver(Message message) {
    ++delivered_;
    auto& stream = streams_[message.stream];
    ++stream.messages_received;
    stream.bytes_received += message.payload.size();
    raise([message = std::move(message)](Association::Observer& observer) {
      observer.on_message(message);
    });
  }

  void on_acknowledged(const ParcelPtr& parcel) {
    if (vanished_ || in_flight_.count(parcel) == 0) return;
    simulation_.cancel(parcel->expiry);
    leave_flight(parcel);
    pump();
    finish_when_drained();
  }

  void expire(const ParcelPtr& parcel) {
    if (queue_.count(parcel) != 0 || in_flight_.count(parcel) != 0) give_up(parcel);
  }

  void give_up(const ParcelPtr& parcel) {
    simulation_.cancel(parcel->expiry);
    if (in_flight_.count(parcel) != 0) {
      leave_flight(parcel);
    } else {
      queued_bytes_ -= parcel->message.payload.size();
      queue_.erase(parcel);
    }
    const auto what = parcel->times_sent > 0 ? Abandonment::Sent : Abandonment::Unsent;
    auto& stream = streams_[parcel->message.stream];
    ++(what == Abandonment::Sent ? stream.abandoned_sent : stream.abandoned_unsent);
    if (parcel->sequence && !vanished_) {
      simulation_.at(simulation_.now() + out_.delay, [peer = peer_, parcel] {
        const auto end = peer.lock();
        if (end && end->alive_) end->skip(parcel->message.stream, *parcel->sequence);
      });
    }
    raise([id = parcel->options.id, what](Association::Observer& observer) {
      observer.on_message_abandoned(id, what);
    });
    tell_room();
    pump_later();
    finish_when_drained();
  }

  void leave_flight(const ParcelPtr& parcel) {
    in_flight_.erase(parcel);
    in_flight_bytes_ -= parcel->message.payload.size();
  }

  void tell_room() {
    const bool drained = above_low_ && queued_bytes_ <= options_.send_queue_low_bytes;
    if (!drained && !refused_) return;
    if (drained) above_low_ = false;
    refused_ = false;
    raise([](Association::Observer& observer) { observer.on_send_buffer_low(); });
  }

  void finish_when_drained() {
    if (!shutting_down_ || state_ == State::Closed || !queue_.empty() || !in_flight_.empty()) {
      return;
    }
    if (peer_finished_) {
      return end({ErrorCode::Closed, "shut down"}, {ErrorCode::Closed, "shut down by the peer"});
    }
    if (vanished_ || told_peer_) return;
    told_peer_ = true;
    simulation_.at(simulation_.now() + out_.delay, [peer = peer_] {
      const auto end = peer.lock();
      if (!end || !end->alive_ || end->vanished_) return;
      end->peer_finished_ = true;
      end->shutting_down_ = true;
      end->finish_when_drained();
    });
  }

  // Closes this end now and the other when it hears of it.
  void end(const Error& mine, const Error& theirs) {
    close(mine);
    if (vanished_) return;
    simulation_.at(simulation_.now() + out_.delay, [peer = peer_, theirs] {
      const auto other = peer.lock();
      if (other && other->alive_ && !other->vanished_) other->close(theirs);
    });
  }

  void close(const Error& reason) {
    if (state_ == State::Closed) return;
    // What is still here is given up, so that every message has a fate.
    const std::vector<ParcelPtr> waiting(queue_.begin(), queue_.end());
    const std::vector<ParcelPtr> flying(in_flight_.begin(), in_flight_.end());
    const bool was_up = state_ == State::Open;
    state_ = State::Closed;
    shutting_down_ = true;
    for (const ParcelPtr& each : waiting) give_up(each);
    for (const ParcelPtr& each : flying) give_up(each);
    tell(end_event(reason, was_up));
    raise([reason](Association::Observer& observer) { observer.on_closed(reason); });
  }

  void raise(Event event) {
    if (!alive_) return;
    events_.push_back(std::move(event));
    schedule_events();
  }
  void schedule_events() {
    if (events_scheduled_ || events_.empty() || observer_ == nullptr) return;
    events_scheduled_ = true;
    simulation_.post([self = shared_from_this()] {
      self->events_scheduled_ = false;
      self->run_events();
    });
  }
  void run_events() {
    while (alive_ && observer_ != nullptr && !events_.empty()) {
      const Event event = std::move(events_.front());
      events_.pop_front();
      event(*observer_);
    }
  }

  Simulation& simulation_;
  const LoopbackOptions options_;
  const LoopbackLink out_;
  const Duration round_trip_;
  Random random_;
  const std::string peer_name_;
  std::weak_ptr<LoopbackEnd> peer_;

  Association::Observer* observer_ = nullptr;
  std::deque<Event> events_;
  bool events_scheduled_ = false;
  State state_ = State::Connecting;
  bool alive_ = true;
  bool reading_ = true;
  bool vanished_ = false;
  bool shutting_down_ = false;
  bool told_peer_ = false;
  bool peer_finished_ = false;

  std::set<ParcelPtr, PriorityThenAge> queue_;
  std::set<ParcelPtr> in_flight_;
  size_t queued_bytes_ = 0;
  size_t in_flight_bytes_ = 0;
  bool above_low_ = false;
  bool refused_ = false;
  bool pump_scheduled_ = false;
  Timestamp line_free_at_{};
  uint64_t next_age_ = 0;
  std::map<StreamId, uint64_t> next_sequence_;

  std::deque<ParcelPtr> unread_;
  std::map<StreamId, std::map<uint64_t, std::optional<Message>>> held_;
  std::map<StreamId, uint64_t> expected_;

  std::map<StreamId, StreamStats> streams_;
  TransportEventCounts event_counts_;
  uint64_t delivered_ = 0;
  uint64_t transmissions_ = 0;
  uint64_t retransmissions_ = 0;
  uint64_t refusals_ = 0;
};

}  // namespace mayfly
