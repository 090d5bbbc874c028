#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "core/clock.h"
#include "core/timer.h"
#include "emulator/emulated_lane.h"
#include "emulator/link_direction.h"
#include "netsim/link_model.h"
#include "transport/reactor.h"

namespace mayfly {

// Moves packets between the two ends of an emulated link as its model says. Lives on the loop of
// the reactor and the timers it is given.
class PacketPump {
 public:
  using Observer = std::function<void(LinkDirection, const PacketRecord&)>;

  // A link for each direction, and when they began: records count from then.
  struct Links {
    Timestamp begun;
    Link up;
    Link down;
  };

  // Those of `path`.
  [[nodiscard]] static Links links_of(const PathModel& path, Timestamp begun);

  // The ends are descriptors with one packet per read and write, which do not block and outlive the
  // pump, as do clock, timers and reactor.
  PacketPump(int near, int far, Links links, const Clock& clock, TimerFactory& timers,
             Reactor& reactor, Observer observer);
  ~PacketPump();
  PacketPump(const PacketPump&) = delete;
  PacketPump& operator=(const PacketPump&) = delete;

  // Packets that come from now on meet this link, which begins now or has begun.
  void change_link(LinkDirection direction, Link link);

  // When the last packet that is under way comes out.
  [[nodiscard]] std::optional<Timestamp> last_arrival() const;
  [[nodiscard]] LaneStats stats(LinkDirection direction) const;
  // Delivered by the link, and then not taken by the end's device: it was taken down or shrunk.
  [[nodiscard]] uint64_t refused() const { return refused_; }
  // How late a packet came out at the most, because this process did not get its turn in time.
  [[nodiscard]] Duration most_behind() const { return most_behind_; }
  [[nodiscard]] Duration age() const { return clock_.now() - start_; }

 private:
  struct Way;

  void read_from(Way& way);
  void release(Timestamp until);
  void wait_for_next();

  const Clock& clock_;
  const Timestamp start_;
  std::array<std::unique_ptr<Way>, 2> ways_;
  std::unique_ptr<Timer> timer_;
  std::optional<Timestamp> waits_for_;  // while the timer runs
  Bytes buffer_;
  uint64_t refused_ = 0;
  Duration most_behind_{};
};

}  // namespace mayfly
