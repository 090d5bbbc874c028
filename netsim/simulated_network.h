#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "netsim/link.h"
#include "netsim/link_model.h"
#include "netsim/simulation.h"
#include "transport/packet_socket.h"

namespace mayfly {

// Sockets on a network that exists in virtual time only. A packet goes from one socket to the one
// bound to its destination through a link of its own per ordered pair of hosts; a destination
// nobody bound swallows it, as the real network does.
class SimulatedNetwork {
 public:
  // What happened to a packet, for logs and for tests that look at the wire. A second copy that the
  // link made is told as a packet of its own. The view is valid during the call only.
  struct Fate {
    Timestamp sent{};
    IpEndpoint from, to;
    ByteView packet;
    std::optional<Timestamp> arrives;  // none: lost
  };
  using Observer = std::function<void(const Fate&)>;

  SimulatedNetwork(Simulation& simulation, uint64_t seed);
  ~SimulatedNetwork();
  SimulatedNetwork(const SimulatedNetwork&) = delete;
  SimulatedNetwork& operator=(const SimulatedNetwork&) = delete;

  // A socket bound to `local`, which nobody else may have bound; port 0 takes the first free one of
  // the ephemeral range. The address must be a host's own, not the wildcard. The socket must not
  // outlive the network.
  [[nodiscard]] std::unique_ptr<PacketSocket> bind(const IpEndpoint& local);
  // How packets from one host to another fare from now on, ports disregarded. Perfect until set.
  // Outages and traces count from this call. A capacity counts the packets with their UDP and IP
  // headers.
  void set_link(const IpEndpoint& from, const IpEndpoint& to, const LinkModel& model);
  // Both directions: `path.up` from `from` to `to`. The channel follows from the seeds of the path
  // and of the network together, and from the two addresses.
  void set_path(const IpEndpoint& from, const IpEndpoint& to, const PathModel& path);
  // A link of the caller's making, whose channel others are to meet as well. It should begin now.
  void set_channel(const IpEndpoint& from, const IpEndpoint& to, Link link);
  // Since the link was last set; zeros when nothing ever went that way.
  [[nodiscard]] LinkStats link_stats(const IpEndpoint& from, const IpEndpoint& to) const;
  void set_observer(Observer observer);

 private:
  class Socket;
  struct State;
  // Shared only so that a packet under way can see that the network has gone.
  std::shared_ptr<State> state_;
};

}  // namespace mayfly
