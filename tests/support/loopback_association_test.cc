#include "tests/support/loopback_association.h"

#include <gmock/gmock.h>

#include "tests/support/loopback_transport.h"

namespace mayfly {
namespace {

using ::testing::ElementsAre;

struct Events final : Association::Observer {
  void on_connected() override { connected = true; }
  void on_message(Message message) override {
    received.push_back(std::string(as_text(message.payload)));
  }
  void on_message_abandoned(MessageId id, Abandonment what) override {
    abandoned.emplace_back(id.value(), what);
  }
  void on_send_buffer_low() override { ++lows; }
  void on_closed(const Error& reason) override { closed = reason; }

  bool connected = false;
  std::vector<std::string> received;
  std::vector<std::pair<uint64_t, Abandonment>> abandoned;
  int lows = 0;
  std::optional<Error> closed;
};

Message message(std::string_view text, uint16_t stream = 1) {
  const ByteView bytes = as_bytes(text);
  return {StreamId(stream), Ppid(1), Bytes(bytes.begin(), bytes.end())};
}

class LoopbackAssociationTest : public ::testing::Test {
 protected:
  void connect(const LoopbackOptions& options) {
    pair_ = connect_loopback(simulation_, options);
    pair_.client->set_observer(&client_);
    pair_.server->set_observer(&server_);
    simulation_.run_for(1s);
    ASSERT_TRUE(client_.connected && server_.connected);
  }

  Simulation simulation_;
  Events client_, server_;
  LoopbackPair pair_;
};

TEST_F(LoopbackAssociationTest, DeliversEveryReliableMessageOverALossyLink) {
  connect({.to_client = {.loss = 0.3}, .seed = 3});

  std::vector<std::string> sent;
  for (int i = 0; i < 200; ++i) {
    sent.push_back(std::to_string(i));
    ASSERT_TRUE(pair_.server->send(message(sent.back()), {}).has_value());
  }
  EXPECT_TRUE(client_.received.empty()) << "called back from inside send()";
  simulation_.run_for(10s);

  EXPECT_EQ(client_.received, sent);
}

TEST_F(LoopbackAssociationTest, TellsOfEveryUnreliableMessageWhetherItWasSent) {
  connect({.to_client = {.rate = DataRate::bits_per_second(8'000), .loss = 1}});

  ASSERT_TRUE(
      pair_.server->send(message(std::string(100, 'a')), {.lifetime = 50ms, .id = MessageId(1)}));
  ASSERT_TRUE(
      pair_.server->send(message(std::string(100, 'b')), {.lifetime = 50ms, .id = MessageId(2)}));
  ASSERT_TRUE(pair_.server->send(message(std::string(100, 'c')),
                                 {.max_retransmissions = 1, .id = MessageId(3)}));
  ASSERT_TRUE(pair_.server->send(message(std::string(100, 'd')), {.id = MessageId(4)}));
  pair_.server->abandon(MessageId(4));
  simulation_.run_for(10s);

  EXPECT_THAT(server_.abandoned,
              ElementsAre(std::pair(4, Abandonment::Unsent), std::pair(1, Abandonment::Sent),
                          std::pair(2, Abandonment::Unsent), std::pair(3, Abandonment::Sent)));
  EXPECT_EQ(pair_.server->buffered_bytes(), 0U);
}

TEST_F(LoopbackAssociationTest, SendsBySmallerPriorityFirst) {
  connect({.to_client = {.rate = DataRate::bits_per_second(80'000)}});

  for (const Priority priority : {Priority{3}, Priority{2}, Priority{1}}) {
    ASSERT_TRUE(pair_.server->send(message(std::to_string(priority)),
                                   {.ordered = false, .priority = priority}));
  }
  simulation_.run_for(1s);

  EXPECT_THAT(client_.received, ElementsAre("1", "2", "3"));
}

TEST_F(LoopbackAssociationTest, RefusesWhatDoesNotFitAndTellsWhenItDoes) {
  connect({.window_bytes = 100, .send_queue_bytes = 1000, .send_queue_low_bytes = 200});
  pair_.client_controls->set_reading(false);

  int taken = 0;
  Result<void> last;
  while ((last = pair_.server->send(message(std::string(100, 'x')), {}))) ++taken;
  simulation_.run_for(1s);

  EXPECT_EQ(taken, 10);
  EXPECT_EQ(last.error().code, ErrorCode::Exhausted);
  EXPECT_EQ(server_.lows, 1) << "the first message left for the window";

  pair_.client_controls->set_reading(true);
  simulation_.run_for(1s);
  EXPECT_EQ(server_.lows, 2);
  EXPECT_EQ(client_.received.size(), 10U);
}

TEST_F(LoopbackAssociationTest, ShutsDownAfterDeliveringWhatWasAccepted) {
  connect({.to_client = {.loss = 0.5}, .seed = 5});

  ASSERT_TRUE(pair_.server->send(message("last words"), {}));
  pair_.server->shutdown();
  EXPECT_EQ(pair_.server->send(message("more"), {}).error().code, ErrorCode::Closed);
  simulation_.run_for(2s);

  EXPECT_THAT(client_.received, ElementsAre("last words"));
  ASSERT_TRUE(client_.closed && server_.closed);
  EXPECT_EQ(client_.closed->code, ErrorCode::Closed);
  EXPECT_EQ(server_.closed->code, ErrorCode::Closed);
}

TEST_F(LoopbackAssociationTest, TellsOfAPeerThatAbortsOrVanishes) {
  connect({});
  pair_.client->abort("enough");
  simulation_.run_for(1s);
  ASSERT_TRUE(server_.closed);
  EXPECT_EQ(server_.closed->code, ErrorCode::Io);
  EXPECT_THAT(server_.closed->message, ::testing::HasSubstr("enough"));

  client_ = server_ = {};
  connect({.dead_peer_after = 5s});
  pair_.client_controls->vanish();
  simulation_.run_for(4s);
  EXPECT_FALSE(server_.closed);
  simulation_.run_for(2s);
  ASSERT_TRUE(server_.closed);
  EXPECT_EQ(server_.closed->code, ErrorCode::Timeout);
}

TEST(LoopbackTransportTest, ConnectsToWhoeverListens) {
  Simulation simulation;
  LoopbackTransport transport(simulation, {});
  const TransportAddress address{{IpEndpoint::loopback_v4(9899)}};
  const auto listener = transport.listen(address);
  ASSERT_TRUE(listener);
  std::unique_ptr<Association> accepted;
  Events server, client, stranger;
  (*listener)->set_acceptor([&](std::unique_ptr<Association> association) {
    accepted = std::move(association);
    accepted->set_observer(&server);
  });

  const auto connected = transport.connect(address);
  (*connected)->set_observer(&client);
  const auto nowhere = transport.connect({{IpEndpoint::loopback_v4(1)}});
  (*nowhere)->set_observer(&stranger);
  simulation.run_for(1s);

  EXPECT_TRUE(client.connected && server.connected);
  ASSERT_TRUE(stranger.closed);
  EXPECT_EQ(stranger.closed->code, ErrorCode::Io);
  EXPECT_EQ(transport.listen(address).error().code, ErrorCode::Io);
}

}  // namespace
}  // namespace mayfly
