#pragma once

#include <memory>

#include "netsim/simulated_network.h"
#include "netsim/simulation.h"
#include "netsim/virtual_time.h"
#include "tests/transport/association_contract.h"
#include "transport/usrsctp/usrsctp_stack.h"
#include "transport/usrsctp/usrsctp_transport.h"

namespace mayfly {

// usrsctp at both ends of a simulated network on virtual time.
class UsrsctpEnvironment final : public ContractEnvironment {
 public:
  explicit UsrsctpEnvironment(const TransportOptions& options = {}, uint64_t seed = 1);

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
  [[nodiscard]] UsrsctpStack& stack() { return stack_; }
  [[nodiscard]] UsrsctpTransport& usrsctp_server() { return server_; }
  [[nodiscard]] const IpEndpoint& client_endpoint() const { return kClient; }

 private:
  const IpEndpoint kServer = IpEndpoint::v4({10, 0, 0, 1}, 9899);
  const IpEndpoint kClient = IpEndpoint::v4({10, 0, 0, 2}, 40'000);
  const IpEndpoint kDeserted = IpEndpoint::v4({10, 0, 0, 3}, 9899);

  Simulation simulation_;
  VirtualTime time_;
  SimulatedNetwork network_;
  uint64_t seed_;
  std::unique_ptr<PacketSocket> server_socket_;
  std::unique_ptr<PacketSocket> client_socket_;
  UsrsctpStack stack_;
  UsrsctpTransport server_;
  UsrsctpTransport client_;
};

}  // namespace mayfly
