#include "netsim/simulated_network.h"

#include <map>
#include <utility>

#include "core/check.h"
#include "netsim/link.h"
#include "netsim/wire_bytes.h"

namespace mayfly {
namespace {

// Without an MTU of its own, the simulated wire has Ethernet's.
constexpr size_t kMtuBytes = 1500;
constexpr uint16_t kFirstEphemeralPort = 49152;  // RFC 6335 6

IpEndpoint host_of(IpEndpoint endpoint) {
  endpoint.port = 0;
  return endpoint;
}

using HostPair = std::pair<IpEndpoint, IpEndpoint>;

// A seed for each direction between two hosts, whatever the order in which links are set.
uint64_t seed_of(const HostPair& pair, uint64_t seed) {
  uint64_t purpose = 0xcbf29ce484222325ULL;  // FNV-1a, which gives the same on every machine
  const auto add = [&purpose](uint8_t byte) { purpose = (purpose ^ byte) * 0x100000001b3ULL; };
  for (const IpEndpoint& host : {pair.first, pair.second}) {
    add(static_cast<uint8_t>(host.family));
    for (const uint8_t byte : host.address) add(byte);
  }
  return derived_seed(seed, purpose);
}

}  // namespace

struct SimulatedNetwork::State : std::enable_shared_from_this<State> {
  State(Simulation& the_simulation, uint64_t the_seed)
      : simulation(the_simulation), seed(the_seed) {}

  void send(const IpEndpoint& from, const IpEndpoint& to, ByteView packet);
  void arrive(const IpEndpoint& from, const IpEndpoint& to, ByteView packet);
  [[nodiscard]] Link& link_between(const IpEndpoint& from, const IpEndpoint& to);
  void tell(const IpEndpoint& from, const IpEndpoint& to, ByteView packet,
            std::optional<Timestamp> arrives) const;

  Simulation& simulation;
  uint64_t seed;
  std::map<IpEndpoint, Socket*> sockets;
  std::map<HostPair, Link> links;
  Observer observer;
};

class SimulatedNetwork::Socket final : public PacketSocket {
 public:
  Socket(State& network, const IpEndpoint& local) : network_(network), local_(local) {
    network_.sockets.emplace(local_, this);
  }
  ~Socket() override { network_.sockets.erase(local_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void send(const IpEndpoint& to, ByteView packet) override { network_.send(local_, to, packet); }
  void set_receiver(Receiver receiver) override {
    receiver_ = receiver ? std::make_shared<const Receiver>(std::move(receiver)) : nullptr;
  }
  [[nodiscard]] IpEndpoint local() const override { return local_; }
  [[nodiscard]] size_t max_packet_bytes() const override {
    return kMtuBytes - header_bytes(local_);
  }

  void receive(const IpEndpoint& from, ByteView packet) const {
    const auto receiver = receiver_;  // which may replace itself, or destroy this socket
    if (receiver) (*receiver)(from, packet);
  }

 private:
  State& network_;
  IpEndpoint local_;
  std::shared_ptr<const Receiver> receiver_;
};

void SimulatedNetwork::State::send(const IpEndpoint& from, const IpEndpoint& to, ByteView packet) {
  const Link::Passage passage =
      link_between(from, to).offer(simulation.now(), packet.size() + header_bytes(to));
  if (passage.copies == 0) {
    tell(from, to, packet, std::nullopt);
    return;
  }
  const auto held = std::make_shared<const Bytes>(packet.begin(), packet.end());
  for (size_t copy = 0; copy < passage.copies; ++copy) {
    const Timestamp arrival = passage.arrivals[copy];
    tell(from, to, packet, arrival);
    simulation.at(arrival, [state = weak_from_this(), from, to, held] {
      if (const auto network = state.lock()) network->arrive(from, to, *held);
    });
  }
}

void SimulatedNetwork::State::arrive(const IpEndpoint& from, const IpEndpoint& to,
                                     ByteView packet) {
  const auto found = sockets.find(to);
  if (found != sockets.end()) found->second->receive(from, packet);
}

Link& SimulatedNetwork::State::link_between(const IpEndpoint& from, const IpEndpoint& to) {
  const HostPair pair{host_of(from), host_of(to)};
  auto found = links.find(pair);
  if (found == links.end()) {
    found = links.emplace(pair, Link(LinkModel{}, seed_of(pair, seed), simulation.now())).first;
  }
  return found->second;
}

void SimulatedNetwork::State::tell(const IpEndpoint& from, const IpEndpoint& to, ByteView packet,
                                   std::optional<Timestamp> arrives) const {
  if (observer) observer({simulation.now(), from, to, packet, arrives});
}

SimulatedNetwork::SimulatedNetwork(Simulation& simulation, uint64_t seed)
    : state_(std::make_shared<State>(simulation, seed)) {}

SimulatedNetwork::~SimulatedNetwork() { MAYFLY_CHECK(state_->sockets.empty()); }

std::unique_ptr<PacketSocket> SimulatedNetwork::bind(const IpEndpoint& local) {
  MAYFLY_CHECK(!local.is_any());  // a simulated host has one address, and links go by it
  IpEndpoint at = local;
  if (at.port == 0) {
    at.port = kFirstEphemeralPort;
    while (state_->sockets.contains(at)) ++at.port;
  }
  MAYFLY_CHECK(!state_->sockets.contains(at));
  return std::make_unique<Socket>(*state_, at);
}

void SimulatedNetwork::set_link(const IpEndpoint& from, const IpEndpoint& to,
                                const LinkModel& model) {
  const HostPair pair{host_of(from), host_of(to)};
  state_->links.insert_or_assign(
      pair, Link(model, seed_of(pair, state_->seed), state_->simulation.now()));
}

void SimulatedNetwork::set_path(const IpEndpoint& from, const IpEndpoint& to,
                                const PathModel& path) {
  const Timestamp now = state_->simulation.now();
  const uint64_t seed = derived_seed(state_->seed, path.seed);
  const HostPair up{host_of(from), host_of(to)};
  const HostPair down{up.second, up.first};
  state_->links.insert_or_assign(up, Link(path.up, seed_of(up, seed), now));
  state_->links.insert_or_assign(down, Link(path.down, seed_of(down, seed), now));
}

void SimulatedNetwork::set_channel(const IpEndpoint& from, const IpEndpoint& to, Link link) {
  state_->links.insert_or_assign({host_of(from), host_of(to)}, std::move(link));
}

LinkStats SimulatedNetwork::link_stats(const IpEndpoint& from, const IpEndpoint& to) const {
  const auto found = state_->links.find({host_of(from), host_of(to)});
  return found == state_->links.end() ? LinkStats{} : found->second.stats();
}

void SimulatedNetwork::set_observer(Observer observer) { state_->observer = std::move(observer); }

}  // namespace mayfly
