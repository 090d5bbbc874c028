#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "netsim/simulated_network.h"
#include "netsim/virtual_time.h"
#include "transport/usrsctp/usrsctp_settings.h"
#include "transport/usrsctp/usrsctp_stack.h"
#include "transport/usrsctp/usrsctp_transport.h"

namespace mayfly {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;
using ::testing::Not;
using ::testing::SizeIs;

class Recorder final : public Association::Observer {
 public:
  void on_connected() override { connected = true; }
  void on_message(Message message) override { messages.push_back(std::move(message)); }
  void on_message_abandoned(MessageId, Abandonment) override {}
  void on_send_buffer_low() override {}
  void on_closed(const Error& reason) override { closed = reason; }

  bool connected = false;
  std::vector<Message> messages;
  std::optional<Error> closed;
};

// A socket whose address and port on the network can change, as behind a NAT that forgets.
class NatSocket final : public PacketSocket {
 public:
  explicit NatSocket(std::unique_ptr<PacketSocket> outside) : outside_(std::move(outside)) {}

  void rebind(std::unique_ptr<PacketSocket> outside) {
    outside_ = std::move(outside);
    outside_->set_receiver(receiver_);
  }
  void send(const IpEndpoint& to, ByteView packet) override { outside_->send(to, packet); }
  void set_receiver(Receiver receiver) override {
    receiver_ = receiver;
    outside_->set_receiver(std::move(receiver));
  }
  [[nodiscard]] IpEndpoint local() const override { return outside_->local(); }
  [[nodiscard]] size_t max_packet_bytes() const override { return outside_->max_packet_bytes(); }

 private:
  std::unique_ptr<PacketSocket> outside_;
  Receiver receiver_;
};

class UsrsctpPathTest : public ::testing::Test {
 protected:
  UsrsctpPathTest() {
    set_link({.delay = 10ms});
    listener_ = std::move(*server_transport_.listen({{kServer}}));
    listener_->set_acceptor([this](std::unique_ptr<Association> association) {
      server_ = std::move(association);
      server_->set_observer(&at_server_);
    });
  }

  void set_link(const LinkModel& model) {
    for (const IpEndpoint& host : {kClient, kMoved}) {
      network_.set_path(host, kServer, {.up = model, .down = model, .seed = 3});
    }
  }
  void connect() {
    client_ = std::move(*client_transport_.connect({{kServer}}));
    client_->set_observer(&at_client_);
    ASSERT_TRUE(
        simulation_.run_until([&] { return at_client_.connected && at_server_.connected; }, 5s));
  }
  [[nodiscard]] Result<void> send(Association& from) {
    return from.send({StreamId(0), Ppid(0), Bytes(1000)}, {});
  }

  const IpEndpoint kServer = IpEndpoint::v4({10, 0, 0, 1}, 9899);
  const IpEndpoint kClient = IpEndpoint::v4({10, 0, 0, 2}, 40'000);
  const IpEndpoint kMoved = IpEndpoint::v4({10, 0, 0, 3}, 51'234);
  const IpEndpoint kAttacker = IpEndpoint::v4({10, 0, 0, 66}, 666);

  Simulation simulation_;
  VirtualTime time_{simulation_, 1};
  SimulatedNetwork network_{simulation_, 1};
  std::unique_ptr<PacketSocket> server_socket_ = network_.bind(kServer);
  NatSocket client_socket_{network_.bind(kClient)};
  UsrsctpStack stack_{simulation_, simulation_, simulation_};
  UsrsctpTransport server_transport_{stack_, *server_socket_};
  UsrsctpTransport client_transport_{stack_, client_socket_};
  Recorder at_client_;
  Recorder at_server_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Association> client_;
  std::unique_ptr<Association> server_;
};

TEST_F(UsrsctpPathTest, FollowsAPeerThatSendsFromANewAddress) {
  ASSERT_NO_FATAL_FAILURE(connect());
  client_socket_.rebind(network_.bind(kMoved));

  ASSERT_TRUE(send(*client_));
  ASSERT_TRUE(simulation_.run_until([&] { return at_server_.messages.size() == 1; }, 1s));
  EXPECT_EQ(server_->peer(), "10.0.0.3:51234");
  ASSERT_TRUE(send(*server_));
  EXPECT_TRUE(simulation_.run_until([&] { return at_client_.messages.size() == 1; }, 1s));
}

TEST_F(UsrsctpPathTest, FollowsAnIdlePeerByItsHeartbeats) {
  ASSERT_NO_FATAL_FAILURE(connect());
  client_socket_.rebind(network_.bind(kMoved));

  EXPECT_TRUE(simulation_.run_until([&] { return server_->peer() == "10.0.0.3:51234"; }, 4s));
  simulation_.run_for(30s);
  EXPECT_FALSE(at_server_.closed);
  EXPECT_FALSE(at_client_.closed);
}

TEST_F(UsrsctpPathTest, IsNotLedAstrayByCopiesOfThePeersPackets) {
  ASSERT_NO_FATAL_FAILURE(connect());
  const auto attacker = network_.bind(kAttacker);
  size_t answered = 0;
  attacker->set_receiver([&](const IpEndpoint&, ByteView) { ++answered; });
  size_t copied = 0;
  network_.set_observer([&](const SimulatedNetwork::Fate& fate) {
    if (fate.from != kClient) return;
    ++copied;
    simulation_.at(simulation_.now() + 15ms,
                   [&, copy = Bytes(fate.packet.begin(), fate.packet.end())] {
                     attacker->send(kServer, copy);
                   });
  });

  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(send(*client_));
    ASSERT_TRUE(send(*server_));
    simulation_.run_for(100ms);
  }

  EXPECT_EQ(server_->peer(), "10.0.0.2:40000");
  EXPECT_THAT(at_client_.messages, SizeIs(50));
  EXPECT_THAT(at_server_.messages, SizeIs(50));
  EXPECT_GT(copied, 50U);
  EXPECT_LE(answered, copied);  // no amplification
  network_.set_observer({});    // the associations' last packets come after this test's variables
}

TEST_F(UsrsctpPathTest, IgnoresStrangersAndGarbage) {
  ASSERT_NO_FATAL_FAILURE(connect());
  const auto attacker = network_.bind(kAttacker);
  size_t answered = 0;
  attacker->set_receiver([&](const IpEndpoint&, ByteView) { ++answered; });
  Random random(7);

  for (int i = 0; i < 2000; ++i) {
    Bytes garbage(random.between(0, 200));
    for (std::byte& each : garbage) each = static_cast<std::byte>(random.bits());
    if (garbage.size() > 16) garbage[12] = static_cast<std::byte>(i % 16);
    attacker->send(kServer, garbage);
    simulation_.run_for(1ms);
  }

  EXPECT_EQ(answered, 0U);
  EXPECT_GE(server_transport_.packets_dropped(), 2000U);
  ASSERT_TRUE(send(*client_));
  EXPECT_TRUE(simulation_.run_until([&] { return at_server_.messages.size() == 1; }, 1s));
}

TEST_F(UsrsctpPathTest, TakesACookieOnlyFromWhereItsInitCame) {
  const auto attacker = network_.bind(kAttacker);
  size_t answered = 0;
  attacker->set_receiver([&](const IpEndpoint&, ByteView) { ++answered; });
  network_.set_observer([&](const SimulatedNetwork::Fate& fate) {
    if (fate.from != kClient || fate.packet[12] != std::byte{10}) return;
    attacker->send(kServer, fate.packet);  // overtakes the original: the path is shorter
  });

  ASSERT_NO_FATAL_FAILURE(connect());

  EXPECT_EQ(answered, 0U);
  EXPECT_EQ(server_->peer(), "10.0.0.2:40000");
  network_.set_observer({});
}

TEST_F(UsrsctpPathTest, RationsHandshakes) {
  const auto attacker = network_.bind(kAttacker);
  size_t answered = 0;
  attacker->set_receiver([&](const IpEndpoint&, ByteView) { ++answered; });
  Bytes init;
  network_.set_observer([&](const SimulatedNetwork::Fate& fate) {
    if (fate.packet[12] == std::byte{1}) init.assign(fate.packet.begin(), fate.packet.end());
  });
  ASSERT_NO_FATAL_FAILURE(connect());
  network_.set_observer({});

  for (int i = 0; i < 5000; ++i) attacker->send(kServer, init);
  simulation_.run_for(100ms);

  EXPECT_GT(answered, 100U);
  EXPECT_LT(answered, 1000U);
}

TEST_F(UsrsctpPathTest, EndsInGoodOrderHoweverManyOfTheLastPacketsAreLost) {
  for (int round = 1; round <= 40; ++round) {
    SCOPED_TRACE(round);
    set_link({.delay = 10ms});
    at_client_ = {};
    at_server_ = {};
    ASSERT_NO_FATAL_FAILURE(connect());
    ASSERT_TRUE(send(*client_));
    const std::vector<bool> lost = {round % 2 == 0, false,          round % 3 == 0, round % 5 == 0,
                                    false,          round % 7 == 0, round % 4 == 1};
    set_link({.loss = PatternLoss{lost}, .delay = 10ms});
    client_->shutdown();
    ASSERT_TRUE(simulation_.run_until(
        [&] { return at_client_.closed.has_value() && at_server_.closed.has_value(); }, 20s));
    EXPECT_EQ(at_client_.closed->code, ErrorCode::Closed) << at_client_.closed->message;
    EXPECT_EQ(at_server_.closed->code, ErrorCode::Closed) << at_server_.closed->message;
    EXPECT_THAT(at_server_.messages, SizeIs(1));
    client_.reset();
    server_.reset();
  }
}

TEST_F(UsrsctpPathTest, RefusesToListenElsewhereOrTwice) {
  const auto elsewhere = client_transport_.listen({{kServer}});
  const auto twice = server_transport_.listen({{kServer}});

  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().code, ErrorCode::Io);
  EXPECT_THAT(elsewhere.error().message, ::testing::HasSubstr("10.0.0.1:9899"));
  ASSERT_FALSE(twice);
  listener_.reset();
  EXPECT_TRUE(server_transport_.listen({{IpEndpoint::any_v4(9899)}}));
}

TEST(UsrsctpSettingsTest, TellsEverySettingItsValueAndTheStacksOwn) {
  const auto settings = usrsctp_settings({});

  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_GT(settings->size(), 30U);
  EXPECT_THAT(*settings, Each(Field(&TransportSetting::reason, Not(""))));
  EXPECT_THAT(*settings, Contains(TransportSetting{"SCTP_RTOINFO min", "100ms", "1000ms",
                                                   "a lost tail of a frame costs this much"}));
  EXPECT_THAT(*settings, Contains(::testing::AllOf(Field(&TransportSetting::name, "SCTP_MAX_BURST"),
                                                   Field(&TransportSetting::value, "10"))));
  EXPECT_THAT(*settings, Contains(::testing::AllOf(Field(&TransportSetting::name, "sctp_blackhole"),
                                                   Field(&TransportSetting::value, "2"),
                                                   Field(&TransportSetting::stack_default, "0"))));
}

}  // namespace
}  // namespace mayfly
