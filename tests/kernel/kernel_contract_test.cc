#include <fmt/format.h>

#include "runtime/event_loop.h"
#include "tests/kernel/network_namespaces.h"
#include "tests/transport/association_contract.h"
#include "transport/kernel/kernel_transport.h"

namespace mayfly {
namespace {

// A transport whose sockets are opened on one of two hosts.
class PlacedTransport final : public Transport {
 public:
  using Place = std::function<void(const std::function<void()>&)>;

  PlacedTransport(Transport& transport, Place place)
      : transport_(transport), place_(std::move(place)) {}

  [[nodiscard]] std::string name() const override { return transport_.name(); }
  [[nodiscard]] Result<std::unique_ptr<Listener>> listen(const TransportAddress& at) override {
    Result<std::unique_ptr<Listener>> listener;
    place_([&] { listener = transport_.listen(at); });
    return listener;
  }
  [[nodiscard]] Result<std::unique_ptr<Association>> connect(const TransportAddress& to) override {
    Result<std::unique_ptr<Association>> association;
    place_([&] { association = transport_.connect(to); });
    return association;
  }

 private:
  Transport& transport_;
  Place place_;
};

class KernelContractEnvironment final : public ContractEnvironment {
 public:
  KernelContractEnvironment(const TransportOptions& options,
                            const KernelTransportOptions& kernel_options)
      : kernel_options_(kernel_options),
        transport_(*KernelTransport::create(loop_, loop_, loop_, options, kernel_options)),
        server_(*transport_, [this](const auto& work) { hosts_.on_server(work); }),
        client_(*transport_, [this](const auto& work) { hosts_.on_client(work); }) {
    (void)set_link({});
  }

  [[nodiscard]] Transport& server() override { return server_; }
  [[nodiscard]] Transport& client() override { return client_; }
  [[nodiscard]] TransportAddress server_address() const override {
    return {{TwoHosts::server_address(0, 9899)}};
  }
  [[nodiscard]] TransportAddress deserted_address() const override {
    return {{IpEndpoint::v4({10, 0, 0, 77}, 9899)}};
  }
  // What depends on how fast the program is beside the link needs virtual time, not a guest on a
  // busy machine: kernel_lossy_path_test.cc asks the same with links that are cut instead of slow.
  [[nodiscard]] bool set_link(const Link& link) override {
    if (link.rate) return false;
    PathImpairment impairment{
        .delay = fmt::format("{}us", link.delay.count()),
        .loss = fmt::format("{}%", link.cut ? 100 : link.loss * 100),
    };
    hosts_.impair(0, impairment);
    return true;
  }
  [[nodiscard]] bool run_until(const std::function<bool()>& done, Duration limit) override {
    bool held = false;
    // The kernel peels an association off only where its socket belongs: the client's can leave,
    // the server's stay.
    hosts_.on_client([&] { held = loop_.run_until(done, limit); });
    return held;
  }
  [[nodiscard]] bool tells_of_abandoned_after_sending() const override { return false; }
  [[nodiscard]] bool tells_why_it_aborts() const override {
    return kernel_options_.socket_style == SocketStyle::OneToMany;
  }

 private:
  TwoHosts& hosts_ = TwoHosts::get();
  const KernelTransportOptions kernel_options_;
  EventLoop loop_;
  std::unique_ptr<KernelTransport> transport_;
  PlacedTransport server_;
  PlacedTransport client_;
};

std::unique_ptr<ContractEnvironment> one_to_one(const TransportOptions& options) {
  return std::make_unique<KernelContractEnvironment>(
      options, KernelTransportOptions{.socket_style = SocketStyle::OneToOne});
}
std::unique_ptr<ContractEnvironment> one_to_many(const TransportOptions& options) {
  return std::make_unique<KernelContractEnvironment>(
      options, KernelTransportOptions{.socket_style = SocketStyle::OneToMany});
}
std::unique_ptr<ContractEnvironment> never_peeled_off(const TransportOptions& options) {
  return std::make_unique<KernelContractEnvironment>(
      options, KernelTransportOptions{.socket_style = SocketStyle::OneToMany, .peel_off = false});
}

INSTANTIATE_TEST_SUITE_P(OneToOneOverNetem, AssociationContract, ::testing::Values(&one_to_one));
INSTANTIATE_TEST_SUITE_P(OneToManyOverNetem, AssociationContract, ::testing::Values(&one_to_many));
INSTANTIATE_TEST_SUITE_P(NeverPeeledOffOverNetem, AssociationContract,
                         ::testing::Values(&never_peeled_off));

}  // namespace
}  // namespace mayfly
