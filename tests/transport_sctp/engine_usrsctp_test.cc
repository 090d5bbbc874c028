#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>

#include "netsim/simulated_network.h"
#include "netsim/simulation.h"
#include "netsim/virtual_time.h"
#include "tests/transport/association_contract.h"
#include "tests/transport_sctp/secret_of.h"
#include "transport/sctp/engine_transport.h"
#include "transport/usrsctp/usrsctp_stack.h"
#include "transport/usrsctp/usrsctp_transport.h"

namespace mayfly {
namespace {

const IpEndpoint kServer = IpEndpoint::v4({10, 0, 0, 1}, 9899);
const IpEndpoint kClient = IpEndpoint::v4({10, 0, 0, 2}, 40'000);
const IpEndpoint kDeserted = IpEndpoint::v4({10, 0, 0, 3}, 9899);

// The engine on one side and usrsctp on the other, on virtual time.
class MixedEnvironment final : public ContractEnvironment {
 public:
  MixedEnvironment(bool engine_serves, const TransportOptions& options, uint64_t seed = 1)
      : engine_serves_(engine_serves),
        time_(simulation_, seed),
        network_(simulation_, seed),
        seed_(seed),
        server_socket_(network_.bind(kServer)),
        client_socket_(network_.bind(kClient)),
        stack_(simulation_, simulation_, simulation_),
        usrsctp_(stack_, engine_serves ? *client_socket_ : *server_socket_, options),
        engine_(simulation_, simulation_, engine_serves ? *server_socket_ : *client_socket_,
                sctp::default_socket_options(options), secret_of(seed + 1)) {
    (void)set_link({});
  }

  [[nodiscard]] Transport& server() override {
    if (engine_serves_) return engine_;
    return usrsctp_;
  }
  [[nodiscard]] Transport& client() override {
    if (engine_serves_) return usrsctp_;
    return engine_;
  }
  [[nodiscard]] TransportAddress server_address() const override { return {{kServer}}; }
  [[nodiscard]] TransportAddress deserted_address() const override { return {{kDeserted}}; }
  [[nodiscard]] bool set_link(const Link& link) override {
    LinkModel model;
    model.loss = BernoulliLoss{link.cut ? 1.0 : link.loss};
    model.delay = link.delay;
    if (link.rate) model.capacity = *link.rate;
    set_model(model);
    return true;
  }
  void set_model(const LinkModel& model) {
    network_.set_path(kClient, kServer, {.up = model, .down = model, .seed = seed_});
  }
  [[nodiscard]] bool run_until(const std::function<bool()>& done, Duration limit) override {
    return simulation_.run_until(done, limit);
  }

 private:
  bool engine_serves_;
  Simulation simulation_;
  VirtualTime time_;
  SimulatedNetwork network_;
  uint64_t seed_;
  std::unique_ptr<PacketSocket> server_socket_;
  std::unique_ptr<PacketSocket> client_socket_;
  UsrsctpStack stack_;
  UsrsctpTransport usrsctp_;
  EngineTransport engine_;
};

std::unique_ptr<ContractEnvironment> engine_serves(const TransportOptions& options) {
  return std::make_unique<MixedEnvironment>(true, options);
}
std::unique_ptr<ContractEnvironment> usrsctp_serves(const TransportOptions& options) {
  return std::make_unique<MixedEnvironment>(false, options);
}

INSTANTIATE_TEST_SUITE_P(UsrsctpToEngine, AssociationContract, ::testing::Values(&engine_serves));
INSTANTIATE_TEST_SUITE_P(EngineToUsrsctp, AssociationContract, ::testing::Values(&usrsctp_serves));

struct Cell {
  bool engine_serves;
  double loss;
};
void PrintTo(const Cell& cell, std::ostream* out) {
  *out << (cell.engine_serves ? "engine serves" : "usrsctp serves") << ", loss " << cell.loss;
}

// Notes what comes.
class Recorder final : public Association::Observer {
 public:
  void on_connected() override { connected = true; }
  void on_message(Message message) override {
    const uint64_t number = ByteReader(message.payload).u64();
    EXPECT_TRUE(received.insert(number).second) << number << " came twice";
    for (size_t i = 8; i < message.payload.size(); ++i) {
      if (message.payload[i] != static_cast<std::byte>((number + i) & 0xff)) ++corrupt;
    }
  }
  void on_message_abandoned(MessageId id, Abandonment) override {
    EXPECT_TRUE(abandoned.insert(id.value()).second) << id.value() << " was told twice";
  }
  void on_send_buffer_low() override {}
  void on_closed(const Error& reason) override { closed = reason; }

  bool connected = false;
  std::set<uint64_t> received;
  std::set<uint64_t> abandoned;
  size_t corrupt = 0;
  std::optional<Error> closed;
};

class EngineWithUsrsctp : public ::testing::TestWithParam<Cell> {
 protected:
  void send(Association& association, uint64_t number, size_t bytes, SendOptions options) {
    Message message{StreamId(options.ordered ? 1 : 2), Ppid(1), Bytes(bytes)};
    for (size_t i = 0; i < bytes; ++i) {
      message.payload[i] = static_cast<std::byte>((number + i) & 0xff);
    }
    Bytes head;
    ByteWriter(head).u64(number);
    std::copy(head.begin(), head.end(), message.payload.begin());
    options.id = MessageId(number);
    ASSERT_TRUE(association.send(std::move(message), options));
  }
};

TEST_P(EngineWithUsrsctp, LosesNothingReliableAndAbortsNothingOverALossyReorderingPath) {
  constexpr uint64_t kSeed = 4;
  SCOPED_TRACE(::testing::Message() << "seed " << kSeed);
  MixedEnvironment environment(GetParam().engine_serves, {}, kSeed);
  Recorder at_server;
  Recorder at_client;
  std::unique_ptr<Association> server;
  auto listener = std::move(*environment.server().listen(environment.server_address()));
  listener->set_acceptor([&](std::unique_ptr<Association> association) {
    server = std::move(association);
    server->set_observer(&at_server);
  });
  auto client = std::move(*environment.client().connect(environment.server_address()));
  client->set_observer(&at_client);
  ASSERT_TRUE(
      environment.run_until([&] { return at_client.connected && at_server.connected; }, 5s));
  LinkModel model;
  model.loss = BernoulliLoss{GetParam().loss};
  model.delay = 20ms;
  model.jitter = 10ms;
  model.reorder = true;
  environment.set_model(model);

  // Each way: reliable ones of one chunk and of several, in order and not, among one-chunk ones
  // with a lifetime.
  constexpr uint64_t kMessages = 400;
  for (uint64_t i = 0; i < kMessages; ++i) {
    for (Association* const from : {server.get(), client.get()}) {
      SendOptions options{.ordered = i % 2 == 0};
      if (i % 4 == 3) options.lifetime = 100ms;
      send(*from, i, i % 4 == 2 ? 5'000 : 1'000, options);
    }
    (void)environment.run_until([] { return false; }, 20ms);
  }
  const auto is_done = [](const Recorder& at) {
    for (uint64_t i = 0; i < kMessages; ++i) {
      if (i % 4 != 3 && !at.received.contains(i)) return false;
    }
    return true;
  };
  EXPECT_TRUE(
      environment.run_until([&] { return is_done(at_client) && is_done(at_server); }, 120s));
  EXPECT_FALSE(at_client.closed) << at_client.closed->message;
  EXPECT_FALSE(at_server.closed) << at_server.closed->message;
  EXPECT_EQ(at_client.corrupt + at_server.corrupt, 0U);

  environment.set_model({.delay = 20ms});
  client->shutdown();
  ASSERT_TRUE(environment.run_until([&] { return at_client.closed && at_server.closed; }, 10s));
  EXPECT_EQ(at_client.closed->code, ErrorCode::Closed) << at_client.closed->message;
  EXPECT_EQ(at_server.closed->code, ErrorCode::Closed) << at_server.closed->message;
}

INSTANTIATE_TEST_SUITE_P(Loss, EngineWithUsrsctp,
                         ::testing::Values(Cell{true, 0}, Cell{false, 0}, Cell{true, 0.01},
                                           Cell{false, 0.01}, Cell{true, 0.1}, Cell{false, 0.1},
                                           Cell{true, 0.25}, Cell{false, 0.25}));

}  // namespace
}  // namespace mayfly
