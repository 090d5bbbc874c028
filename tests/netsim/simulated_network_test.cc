#include "netsim/simulated_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace mayfly {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Arrival {
  IpEndpoint from;
  std::string text;
  Duration at{};
  friend bool operator==(const Arrival&, const Arrival&) = default;
};

class SimulatedNetworkTest : public testing::Test {
 protected:
  void record(PacketSocket& socket, std::vector<Arrival>& into) {
    socket.set_receiver([this, &into](const IpEndpoint& from, ByteView packet) {
      into.push_back({from, std::string(as_text(packet)), simulation_.now() - start_});
    });
  }
  static std::vector<std::string> texts(const std::vector<Arrival>& arrivals) {
    std::vector<std::string> texts;
    for (const Arrival& arrival : arrivals) texts.push_back(arrival.text);
    return texts;
  }

  const IpEndpoint a_ = IpEndpoint::v4({10, 0, 0, 1}, 1000);
  const IpEndpoint b_ = IpEndpoint::v4({10, 0, 0, 2}, 2000);
  Simulation simulation_;
  const Timestamp start_ = simulation_.now();
  SimulatedNetwork network_{simulation_, 1};
};

TEST_F(SimulatedNetworkTest, CarriesPacketsBothWaysWithTheSendersAddress) {
  const auto a = network_.bind(a_);
  const auto b = network_.bind(b_);
  std::vector<Arrival> at_a;
  std::vector<Arrival> at_b;
  record(*a, at_a);
  record(*b, at_b);

  a->send(b_, as_bytes("ping"));
  b->send(a_, as_bytes("pong"));
  EXPECT_THAT(at_b, IsEmpty());  // never from inside send()
  simulation_.run_for(1ms);

  EXPECT_THAT(at_b, ElementsAre(Arrival{a_, "ping", 0ms}));
  EXPECT_THAT(at_a, ElementsAre(Arrival{b_, "pong", 0ms}));
}

TEST_F(SimulatedNetworkTest, DelaysEachDirectionByItsOwnLink) {
  const auto a = network_.bind(a_);
  const auto b = network_.bind(b_);
  std::vector<Arrival> at_a;
  std::vector<Arrival> at_b;
  record(*a, at_a);
  record(*b, at_b);
  network_.set_path(a_, b_, {.up = {.delay = 20ms}, .down = {.delay = 30ms}});

  a->send(b_, as_bytes("ping"));
  b->send(a_, as_bytes("pong"));
  simulation_.run_for(1s);

  EXPECT_THAT(at_b, ElementsAre(Arrival{a_, "ping", 20ms}));
  EXPECT_THAT(at_a, ElementsAre(Arrival{b_, "pong", 30ms}));
}

TEST_F(SimulatedNetworkTest, LosesExactlyThePacketsOfThePattern) {
  const auto a = network_.bind(a_);
  const auto b = network_.bind(b_);
  std::vector<Arrival> at_b;
  record(*b, at_b);
  network_.set_link(a_, b_, {.loss = PatternLoss{{false, true, true, false}}});

  for (const char* text : {"0", "1", "2", "3", "4", "5"}) a->send(b_, as_bytes(text));
  simulation_.run_for(1ms);

  EXPECT_THAT(texts(at_b), ElementsAre("0", "3", "4"));
  EXPECT_EQ(network_.link_stats(a_, b_).lost, 3U);
  EXPECT_EQ(network_.link_stats(a_, b_).delivered, 3U);
}

TEST_F(SimulatedNetworkTest, TellsTheFateOfEveryPacket) {
  const auto a = network_.bind(a_);
  const auto b = network_.bind(b_);
  std::vector<std::optional<Timestamp>> fates;
  network_.set_observer([&](const SimulatedNetwork::Fate& fate) { fates.push_back(fate.arrives); });
  network_.set_link(a_, b_, {.loss = PatternLoss{{false, true}}, .delay = 5ms});

  a->send(b_, as_bytes("kept"));
  a->send(b_, as_bytes("lost"));

  EXPECT_THAT(fates, ElementsAre(start_ + 5ms, std::nullopt));
}

TEST_F(SimulatedNetworkTest, SwallowsPacketsToAPortNobodyBound) {
  const auto a = network_.bind(a_);
  auto b = network_.bind(b_);
  std::vector<Arrival> at_b;
  record(*b, at_b);

  a->send(IpEndpoint::v4({10, 0, 0, 2}, 2001), as_bytes("wrong port"));
  a->send(b_, as_bytes("gone before it arrives"));
  b.reset();
  simulation_.run_for(1s);

  EXPECT_THAT(at_b, IsEmpty());
}

TEST_F(SimulatedNetworkTest, GivesEphemeralPortsToThoseWhoAskForNone) {
  const auto first = network_.bind(IpEndpoint::v4({10, 0, 0, 1}, 0));
  const auto second = network_.bind(IpEndpoint::v4({10, 0, 0, 1}, 0));

  EXPECT_NE(first->local().port, 0);
  EXPECT_NE(first->local(), second->local());
}

TEST_F(SimulatedNetworkTest, LetsAReceiverDestroyItsOwnSocket) {
  const auto a = network_.bind(a_);
  auto b = network_.bind(b_);
  int received = 0;
  b->set_receiver([&](const IpEndpoint&, ByteView) {
    ++received;
    b.reset();
  });

  a->send(b_, as_bytes("one"));
  a->send(b_, as_bytes("two"));
  simulation_.run_for(1ms);

  EXPECT_EQ(received, 1);
}

TEST_F(SimulatedNetworkTest, StopsReceptionWithAnEmptyReceiver) {
  const auto a = network_.bind(a_);
  const auto b = network_.bind(b_);
  std::vector<Arrival> at_b;
  record(*b, at_b);
  b->set_receiver({});

  a->send(b_, as_bytes("unheard"));
  simulation_.run_for(1ms);

  EXPECT_THAT(at_b, IsEmpty());
}

// The packets that come through on a lossy path, as a string of their numbers.
std::string survivors(uint64_t network_seed, uint64_t path_seed) {
  const IpEndpoint a = IpEndpoint::v4({10, 0, 0, 1}, 1);
  const IpEndpoint b = IpEndpoint::v4({10, 0, 0, 2}, 1);
  Simulation simulation;
  SimulatedNetwork network(simulation, network_seed);
  const auto sender = network.bind(a);
  const auto receiver = network.bind(b);
  std::string received;
  receiver->set_receiver(
      [&](const IpEndpoint&, ByteView packet) { received += std::string(as_text(packet)) + ' '; });
  network.set_path(a, b, {.up = {.loss = BernoulliLoss{0.5}}, .seed = path_seed});
  for (int i = 0; i < 100; ++i) {
    sender->send(b, as_bytes(std::to_string(i)));
    simulation.run_for(1ms);
  }
  return received;
}

TEST_F(SimulatedNetworkTest, GivesTheSameChannelForTheSameSeedsAndAnotherForOthers) {
  EXPECT_EQ(survivors(1, 1), survivors(1, 1));
  EXPECT_NE(survivors(1, 1), survivors(2, 1));
  EXPECT_NE(survivors(1, 1), survivors(1, 2));
}

}  // namespace
}  // namespace mayfly
