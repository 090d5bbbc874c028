#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "core/result.h"
#include "emulator/emulated_network.h"
#include "emulator/packet_pump.h"
#include "lab/delivery_log.h"
#include "netsim/link.h"
#include "runtime/event_loop.h"

namespace mayfly {

// Two networks within this machine, the server's and the player's, and the link between them: until
// the channel begins a perfect one but for its delay, both ways.
//
// Making it moves the process, which must have one thread only, out of the machine's network: for
// processes made for it.
class RealNetwork {
 public:
  static constexpr uint16_t kPort = 9899;

  // The loop must outlive it. Fails with Unsupported, and the mend, where the machine lacks user
  // namespaces or TUN devices.
  [[nodiscard]] static Result<std::unique_ptr<RealNetwork>> make(EventLoop& loop, Duration one_way);
  RealNetwork(const RealNetwork&) = delete;
  RealNetwork& operator=(const RealNetwork&) = delete;

  // Where the server listens, and the player's address, whose port is any.
  [[nodiscard]] IpEndpoint server() const;
  [[nodiscard]] IpEndpoint player() const;

  // Does it in the server's or the player's network: sockets that it makes live there. The process
  // is in the player's otherwise.
  [[nodiscard]] Result<void> at_server(const std::function<Result<void>()>& work) const;
  [[nodiscard]] Result<void> at_player(const std::function<Result<void>()>& work) const;

  // From now on what goes to the player meets the channel and is counted in the log, which must
  // outlive the network.
  void begin(Link channel, DeliveryLog& log);
  // How late this process moved a packet at the most.
  [[nodiscard]] Duration most_behind() const { return pump_->most_behind(); }

 private:
  RealNetwork(EventLoop& loop, EmulatedNetwork network, Duration one_way);
  void count(LinkDirection direction, const PacketRecord& packet) const;

  EmulatedNetwork network_;
  DeliveryLog* log_ = nullptr;
  std::unique_ptr<PacketPump> pump_;
};

}  // namespace mayfly
