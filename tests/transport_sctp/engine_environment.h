#pragma once

#include <memory>

#include "netsim/simulated_network.h"
#include "netsim/simulation.h"
#include "tests/transport/association_contract.h"
#include "tests/transport_sctp/secret_of.h"
#include "transport/sctp/engine_transport.h"

namespace mayfly {

// The engine at both ends of a simulated network on virtual time.
class EngineEnvironment final : public ContractEnvironment {
 public:
  explicit EngineEnvironment(const TransportOptions& options = {}, uint64_t seed = 1);
  EngineEnvironment(const sctp::SocketOptions& options, uint64_t seed);

  [[nodiscard]] Transport& server() override { return server_; }
  [[nodiscard]] Transport& client() override { return client_; }
  [[nodiscard]] TransportAddress server_address() const override { return {{kServer}}; }
  [[nodiscard]] TransportAddress deserted_address() const override { return {{kDeserted}}; }
  [[nodiscard]] bool set_link(const Link& link) override;
  [[nodiscard]] bool run_until(const std::function<bool()>& done, Duration limit) override {
    return simulation_.run_until(done, limit);
  }

  [[nodiscard]] Simulation& simulation() { return simulation_; }
  [[nodiscard]] SimulatedNetwork& network() { return network_; }
  [[nodiscard]] PacketSocket& client_socket() { return *client_socket_; }
  [[nodiscard]] const IpEndpoint& client_endpoint() const { return kClient; }
  [[nodiscard]] const IpEndpoint& server_endpoint() const { return kServer; }

 private:
  const IpEndpoint kServer = IpEndpoint::v4({10, 0, 0, 1}, 9899);
  const IpEndpoint kClient = IpEndpoint::v4({10, 0, 0, 2}, 40'000);
  const IpEndpoint kDeserted = IpEndpoint::v4({10, 0, 0, 3}, 9899);

  Simulation simulation_;
  SimulatedNetwork network_;
  uint64_t seed_;
  std::unique_ptr<PacketSocket> server_socket_;
  std::unique_ptr<PacketSocket> client_socket_;
  EngineTransport server_;
  EngineTransport client_;
};

}  // namespace mayfly
