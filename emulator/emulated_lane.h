#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "core/bytes.h"
#include "core/units.h"
#include "netsim/link.h"

namespace mayfly {

// What became of a packet on an emulated link.
enum class PacketFate : uint8_t {
  Delivered,  // will come out, or has
  Duplicate,  // the second copy that the link made of one
  Lost,       // by the loss model or in an outage
  QueueFull,  // the queue had no room for it
  NoRoom,     // more was on its way than may be held in memory
};
[[nodiscard]] const char* to_string(PacketFate fate);

// Times count from when the link began.
struct PacketRecord {
  Duration time{};  // when it came to the link
  size_t bytes = 0;
  PacketFate fate = PacketFate::Lost;
  Duration queued{};                  // until its last byte left the queue; 0 when it found no room
  std::optional<Duration> arrival{};  // when it comes out; none unless it does
  friend bool operator==(const PacketRecord&, const PacketRecord&) = default;
};

// Every packet is counted once: offered + duplicated = lost + queue_full + no_room + delivered +
// what is still on its way.
struct LaneStats {
  uint64_t offered = 0;
  uint64_t duplicated = 0;
  uint64_t lost = 0;
  uint64_t queue_full = 0;
  uint64_t no_room = 0;
  uint64_t delivered = 0;
  uint64_t under_way = 0;
  uint64_t bytes_delivered = 0;
  // Of the packets that the queue took, lost ones too.
  Duration longest_queued{};
  Duration total_queued{};

  friend bool operator==(const LaneStats&, const LaneStats&) = default;
};

// One direction of an emulated link with the packets that travel on it. Told the time, so that it
// runs under real devices and in tests alike. Sizes are those of IP packets.
class EmulatedLane {
 public:
  // Called once for each packet and each second copy, when the packet is offered.
  using Observer = std::function<void(const PacketRecord&)>;
  // A gigabit per second for half a second.
  static constexpr size_t kMaxHeldBytes = 64 << 20;

  // `link` began at `start`.
  EmulatedLane(Link link, Timestamp start, Observer observer,
               size_t max_held_bytes = kMaxHeldBytes);

  // What is offered from now on meets this link; what is under way stays under way. Records go on
  // counting from where they began.
  void change_link(Link link);

  // `now` must not go backwards from call to call.
  void offer(Timestamp now, ByteView packet);
  // The next packet that has come out by `until`.
  [[nodiscard]] std::optional<Bytes> take(Timestamp until);
  [[nodiscard]] std::optional<Timestamp> next_arrival() const;
  [[nodiscard]] std::optional<Timestamp> last_arrival() const;
  [[nodiscard]] LaneStats stats() const;

 private:
  void hold(const PacketRecord& record, ByteView packet);
  void tell(const PacketRecord& record) const;

  Link link_;
  Timestamp start_;
  Observer observer_;
  size_t max_held_bytes_;
  std::multimap<Timestamp, Bytes> held_;  // those of one moment stay in order
  size_t held_bytes_ = 0;
  LaneStats stats_;
};

}  // namespace mayfly
