#include "emulator/packet_pump.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace mayfly {
namespace {

// Packets read before others get their turn: what came the other way, timers, signals.
constexpr int kMostPerTurn = 64;
constexpr size_t kLargestPacket = 65'536;

}  // namespace

struct PacketPump::Way {
  int from;
  int to;
  EmulatedLane lane;
  std::unique_ptr<Reactor::Watch> watch{};
};

PacketPump::Links PacketPump::links_of(const PathModel& path, Timestamp begun) {
  return {begun, up_link(path, begun), down_link(path, begun)};
}

PacketPump::PacketPump(int near, int far, Links links, const Clock& clock, TimerFactory& timers,
                       Reactor& reactor, Observer observer)
    : clock_(clock), start_(links.begun), buffer_(kLargestPacket) {
  const auto lane = [&](LinkDirection direction, Link link) {
    EmulatedLane::Observer told;
    if (observer) {
      told = [observer, direction](const PacketRecord& record) { observer(direction, record); };
    }
    return EmulatedLane(std::move(link), start_, std::move(told));
  };
  ways_ = {std::make_unique<Way>(Way{near, far, lane(LinkDirection::Up, std::move(links.up))}),
           std::make_unique<Way>(Way{far, near, lane(LinkDirection::Down, std::move(links.down))})};
  timer_ = timers.create([this] {
    waits_for_.reset();
    release(clock_.now());
  });
  for (const auto& way : ways_) {
    way->watch = reactor.watch(way->from, [this, each = way.get()] { read_from(*each); }, {});
  }
}

PacketPump::~PacketPump() = default;

void PacketPump::change_link(LinkDirection direction, Link link) {
  ways_.at(direction == LinkDirection::Up ? 0 : 1)->lane.change_link(std::move(link));
}

std::optional<Timestamp> PacketPump::last_arrival() const {
  return std::max(ways_[0]->lane.last_arrival(), ways_[1]->lane.last_arrival());
}

LaneStats PacketPump::stats(LinkDirection direction) const {
  return ways_.at(direction == LinkDirection::Up ? 0 : 1)->lane.stats();
}

void PacketPump::read_from(Way& way) {
  for (int i = 0; i < kMostPerTurn; ++i) {
    const ssize_t bytes = read(way.from, buffer_.data(), buffer_.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0 && (errno == EAGAIN || errno == EIO)) break;  // EIO: the interface is down
    if (bytes <= 0) {
      way.watch.reset();  // the interface has gone, and would be readable for ever
      break;
    }
    way.lane.offer(clock_.now(), ByteView(buffer_).first(static_cast<size_t>(bytes)));
  }
  release(clock_.now());
}

void PacketPump::release(Timestamp until) {
  for (const auto& way : ways_) {
    if (const auto due = way->lane.next_arrival(); due && *due < until) {
      most_behind_ = std::max(most_behind_, until - *due);
    }
    while (const auto packet = way->lane.take(until)) {
      if (write(way->to, packet->data(), packet->size()) < 0) ++refused_;
    }
  }
  wait_for_next();
}

void PacketPump::wait_for_next() {
  const auto up = ways_[0]->lane.next_arrival();
  const auto down = ways_[1]->lane.next_arrival();
  if (!up && !down) return;
  const Timestamp next = std::min(up.value_or(Timestamp::max()), down.value_or(Timestamp::max()));
  if (waits_for_ && *waits_for_ <= next) return;
  waits_for_ = next;
  timer_->start(std::max(next - clock_.now(), Duration::zero()));
}

}  // namespace mayfly
