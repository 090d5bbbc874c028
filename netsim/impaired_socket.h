#pragma once

#include <cstdint>
#include <memory>

#include "core/clock.h"
#include "core/timer.h"
#include "netsim/link.h"
#include "netsim/link_model.h"
#include "transport/packet_socket.h"

namespace mayfly {

struct ImpairedSocketStats {
  LinkStats up;                   // what this side sent
  LinkStats down;                 // what came in for it
  uint64_t dropped_by_bound = 0;  // delivered by a link, but more than may be held
};

// Puts an imperfect path under whatever runs over a packet socket: real UDP for `--impair`, or a
// simulated one. `path.up` is what this side sends, `path.down` what it receives; all peers of the
// socket share the two links, as the machines behind one access line do.
//
// What is still on its way up when the socket is destroyed leaves at once, early rather than never:
// a network does not forget packets because their sender has ended.
class ImpairedSocket final : public PacketSocket {
 public:
  // Packets on their way are held in memory. 4 Gbit/s with a delay of 100 ms needs 50 MB.
  static constexpr size_t kMaxHeldBytes = 64 << 20;

  // The clock and the factory must outlive the socket. Outages and traces begin now.
  ImpairedSocket(std::unique_ptr<PacketSocket> socket, const PathModel& path, const Clock& clock,
                 TimerFactory& timers, size_t max_held_bytes = kMaxHeldBytes);
  ~ImpairedSocket() override;
  ImpairedSocket(const ImpairedSocket&) = delete;
  ImpairedSocket& operator=(const ImpairedSocket&) = delete;

  void send(const IpEndpoint& to, ByteView packet) override;
  void set_receiver(Receiver receiver) override;
  [[nodiscard]] IpEndpoint local() const override;
  [[nodiscard]] size_t max_packet_bytes() const override;

  [[nodiscard]] ImpairedSocketStats stats() const;

 private:
  class Lane;
  struct State;

  // Shared only with deliveries under way, whose receiver may destroy the socket.
  std::shared_ptr<State> state_;
};

}  // namespace mayfly
