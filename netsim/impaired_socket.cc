#include "netsim/impaired_socket.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "netsim/wire_bytes.h"

namespace mayfly {

// One direction: its link, and the packets that travel on it, each with the peer it goes to or
// comes from. Told the time.
class ImpairedSocket::Lane {
 public:
  struct Packet {
    IpEndpoint peer;
    Bytes bytes;
  };

  explicit Lane(Link link) : link_(std::move(link)) {}

  void offer(Timestamp now, const IpEndpoint& peer, ByteView packet, size_t room) {
    const Link::Passage passage = link_.offer(now, packet.size() + header_bytes(peer));
    for (size_t copy = 0; copy < passage.copies; ++copy) {
      if (held_bytes_ + packet.size() > room) {
        ++dropped_by_bound_;
        continue;
      }
      held_bytes_ += packet.size();
      held_.emplace(passage.arrivals[copy], Packet{peer, Bytes(packet.begin(), packet.end())});
    }
  }
  // The next packet that has arrived by `until`.
  [[nodiscard]] std::optional<Packet> take(Timestamp until) {
    if (held_.empty() || held_.begin()->first > until) return std::nullopt;
    auto node = held_.extract(held_.begin());
    held_bytes_ -= node.mapped().bytes.size();
    return std::move(node.mapped());
  }
  [[nodiscard]] std::optional<Timestamp> next_arrival() const {
    if (held_.empty()) return std::nullopt;
    return held_.begin()->first;
  }
  [[nodiscard]] const LinkStats& stats() const { return link_.stats(); }
  [[nodiscard]] uint64_t dropped_by_bound() const { return dropped_by_bound_; }

 private:
  Link link_;
  std::multimap<Timestamp, Packet> held_;  // those of one moment stay in order
  size_t held_bytes_ = 0;
  uint64_t dropped_by_bound_ = 0;
};

struct ImpairedSocket::State : std::enable_shared_from_this<State> {
  State(std::unique_ptr<PacketSocket> the_socket, const PathModel& path, const Clock& the_clock,
        size_t max_held_bytes)
      : socket(std::move(the_socket)),
        clock(the_clock),
        lane_bytes(max_held_bytes / 2),
        up(up_link(path, clock.now())),
        down(down_link(path, clock.now())) {}

  void release(Timestamp until);
  void wait_for_next();

  std::unique_ptr<PacketSocket> socket;
  const Clock& clock;
  size_t lane_bytes;
  Lane up;
  Lane down;
  std::shared_ptr<const Receiver> receiver;  // shared with the call that may replace it
  std::unique_ptr<Timer> timer;
  std::optional<Timestamp> waits_for;  // while the timer runs
};

void ImpairedSocket::State::release(Timestamp until) {
  const auto alive = shared_from_this();  // the receiver may destroy the socket
  while (const auto packet = up.take(until)) socket->send(packet->peer, packet->bytes);
  while (receiver) {
    const auto call = receiver;
    const auto packet = down.take(until);
    if (!packet) break;
    (*call)(packet->peer, packet->bytes);
  }
  if (timer) wait_for_next();
}

void ImpairedSocket::State::wait_for_next() {
  const auto up_next = up.next_arrival();
  // Without a receiver what comes down waits for one.
  const auto down_next = receiver ? down.next_arrival() : std::nullopt;
  if (!up_next && !down_next) return;
  const Timestamp next =
      std::min(up_next.value_or(Timestamp::max()), down_next.value_or(Timestamp::max()));
  if (waits_for && *waits_for <= next) return;
  waits_for = next;
  timer->start(std::max(next - clock.now(), Duration::zero()));
}

ImpairedSocket::ImpairedSocket(std::unique_ptr<PacketSocket> socket, const PathModel& path,
                               const Clock& clock, TimerFactory& timers, size_t max_held_bytes)
    : state_(std::make_shared<State>(std::move(socket), path, clock, max_held_bytes)) {
  State* state = state_.get();  // owns the callback
  state->timer = timers.create([state] {
    state->waits_for.reset();
    state->release(state->clock.now());
  });
}

ImpairedSocket::~ImpairedSocket() {
  state_->socket->set_receiver({});
  state_->receiver = nullptr;
  state_->timer = nullptr;
  state_->release(Timestamp::max());
}

void ImpairedSocket::send(const IpEndpoint& to, ByteView packet) {
  const Timestamp now = state_->clock.now();
  state_->up.offer(now, to, packet, state_->lane_bytes);
  // Only upwards: a receiver must not be called from here.
  while (const auto due = state_->up.take(now)) state_->socket->send(due->peer, due->bytes);
  state_->wait_for_next();
}

void ImpairedSocket::set_receiver(Receiver receiver) {
  if (!receiver) {
    state_->receiver = nullptr;
    state_->socket->set_receiver({});
    return;
  }
  state_->receiver = std::make_shared<const Receiver>(std::move(receiver));
  State* state = state_.get();  // owns the socket and with it the callback
  state_->socket->set_receiver([state](const IpEndpoint& from, ByteView packet) {
    const Timestamp now = state->clock.now();
    state->down.offer(now, from, packet, state->lane_bytes);
    state->release(now);
  });
  state_->wait_for_next();
}

IpEndpoint ImpairedSocket::local() const { return state_->socket->local(); }

size_t ImpairedSocket::max_packet_bytes() const { return state_->socket->max_packet_bytes(); }

ImpairedSocketStats ImpairedSocket::stats() const {
  return {.up = state_->up.stats(),
          .down = state_->down.stats(),
          .dropped_by_bound = state_->up.dropped_by_bound() + state_->down.dropped_by_bound()};
}

}  // namespace mayfly
