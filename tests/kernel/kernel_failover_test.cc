#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/kernel/kernel_pair.h"
#include "tests/kernel/network_namespaces.h"

namespace mayfly {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint16_t kPort = 9899;
constexpr Duration kInterval = 20ms;

TransportAddress both_of_server() {
  return {{TwoHosts::server_address(0, kPort), TwoHosts::server_address(1, kPort)}};
}

// One of the players of a server.
struct Player {
  RecordingObserver told, server_told;
  std::unique_ptr<Association> here, at_server;
  std::vector<Timestamp> arrivals;
};

// A server with two addresses that sends each of its players a numbered message every 20 ms.
class KernelFailoverTest : public ::testing::Test {
 protected:
  static constexpr size_t kPlayers = 10;

  void SetUp() override {
    hosts_.impair(0, {});
    hosts_.impair(1, {});
  }
  void TearDown() override { hosts_.set_plugged(0, true); }

  void connect_players() {
    auto transport = KernelTransport::create(loop_, loop_, loop_, {});
    ASSERT_TRUE(transport.has_value());
    transport_ = std::move(*transport);
    hosts_.on_server([&] { listener_ = std::move(transport_->listen(both_of_server()).value()); });
    listener_->set_acceptor([this](std::unique_ptr<Association> accepted) {
      Player& player = *players_.back();
      player.at_server = std::move(accepted);
      player.at_server->set_observer(&player.server_told);
    });
    for (size_t i = 0; i < kPlayers; ++i) connect_one();
  }

  void connect_one() {
    players_.push_back(std::make_unique<Player>());
    Player& player = *players_.back();
    hosts_.on_client([&] {
      player.here = std::move(transport_->connect({{TwoHosts::server_address(0, kPort)}}).value());
    });
    player.told.on_each_message = [this, &player](const Message&) {
      player.arrivals.push_back(loop_.now());
    };
    player.here->set_observer(&player.told);
    ASSERT_TRUE(loop_.run_until(
        [&] { return player.told.connected && player.server_told.connected; }, 10s));
  }

  void send_round() {
    for (const auto& each : players_) {
      Bytes payload;
      ByteWriter writer(payload);
      writer.u32(sent_);
      payload.resize(1100);
      EXPECT_TRUE(each->at_server->send(message_of(1, std::move(payload)), {.ordered = false}));
    }
    ++sent_;
    const Timestamp before = loop_.now();
    static_cast<void>(loop_.run_until([] { return false; }, kInterval));
    ticks_.push_back({before, loop_.now() - before});
  }

  // Sends on for a while, or until it is so.
  bool stream(
      Duration limit, const std::function<bool()>& done = [] { return false; }) {
    for (const Timestamp end = loop_.now() + limit; loop_.now() < end && !done();) {
      send_round();
    }
    return done();
  }

  // How long nothing arrived at most since then; without what this machine, which is shared and
  // emulates the guest's, was late by itself meanwhile.
  Duration longest_gap(const Player& player, Timestamp since) const {
    Duration longest{};
    Timestamp last = since;
    for (const Timestamp each : player.arrivals) {
      if (each <= since) continue;
      Duration gap = each - last;
      for (const auto& [at, took] : ticks_) {
        if (at >= last && at < each) gap -= std::max<Duration>(took - 2 * kInterval, 0ms);
      }
      longest = std::max(longest, gap);
      last = each;
    }
    return longest;
  }

  bool goes_by(size_t cable) {
    const uint64_t before = hosts_.packets_from_server(cable);
    for (int round = 0; round < 10; ++round) send_round();
    // A packet for each message; heartbeats are far fewer.
    return hosts_.packets_from_server(cable) - before > 5 * kPlayers;
  }

  TwoHosts& hosts_ = TwoHosts::get();
  EventLoop loop_;
  std::unique_ptr<KernelTransport> transport_;
  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<Player>> players_;
  std::vector<std::pair<Timestamp, Duration>> ticks_;
  uint32_t sent_ = 0;
};

// RTO.min is 100 ms and the kernel leaves a path at the first timeout, so it takes the RTT and 100
// ms, a tick or two of the kernel's clock of 10 ms, and twice that where the timer was started anew
// by the last acknowledgement. A path that is back has measured its own outage, by a heartbeat that
// waited for it: should it fail again before that is forgotten, the timer is RTO.max, 400 ms.
TEST_F(KernelFailoverTest, TheOtherPathTakesOverWithin300MsAndGivesBack) {
  ASSERT_NO_FATAL_FAILURE(connect_players());
  static_cast<void>(stream(300ms));
  std::string text;
  for (const Duration limit : {300ms, 500ms}) {
    ASSERT_TRUE(stream(5s, [this] { return goes_by(0); })) << "not back on the first path";
    const Timestamp cut = loop_.now();
    hosts_.set_plugged(0, false);
    static_cast<void>(stream(700ms));
    EXPECT_TRUE(goes_by(1));
    for (const auto& each : players_) {
      const Duration gap = longest_gap(*each, cut);
      text += fmt::format(" {}", gap / 1ms);
      EXPECT_LE(gap, limit);
    }
    hosts_.set_plugged(0, true);
  }
  fmt::print("gaps in ms:{}\n", text);
  ASSERT_TRUE(loop_.run_until(
      [this] {
        return std::ranges::all_of(
            players_, [this](const auto& each) { return each->told.messages.size() == sent_; });
      },
      5s))
      << "a reliable message was lost";
  for (const auto& each : players_) EXPECT_EQ(each->told.closed, std::nullopt);
}

class KernelAddressesTest : public ::testing::Test {
 protected:
  [[nodiscard]] bool connect(KernelPair& pair, const TransportAddress& to) const {
    return pair.connect(
        {{TwoHosts::server_address(0, 0), TwoHosts::server_address(1, 0)}}, to,
        [this](const auto& work) { hosts_.on_server(work); },
        [this](const auto& work) { hosts_.on_client(work); },
        [&pair] { return pair.client_told.closed.has_value(); });
  }
  static std::vector<std::string> addresses(const Association& association) {
    std::vector<std::string> found;
    for (const PathStats& each : association.stats().paths) {
      found.push_back(each.address.substr(0, each.address.rfind(':')));
    }
    return found;
  }
  void SetUp() override {
    hosts_.impair(0, {});
    hosts_.impair(1, {});
  }

  TwoHosts& hosts_ = TwoHosts::get();
};

TEST_F(KernelAddressesTest, APlayerUsesOnlyTheAddressesItIsBoundTo) {
  KernelTransportOptions only_one;
  only_one.bind = {TwoHosts::client_address(1, 0)};
  KernelPair pair({}, {}, only_one);
  ASSERT_TRUE(connect(pair, {{TwoHosts::server_address(1, kPort)}}));
  EXPECT_THAT(addresses(*pair.server), ElementsAre("10.0.1.1"));

  KernelTransportOptions both;
  both.bind = {TwoHosts::client_address(1, 0), TwoHosts::client_address(0, 0)};
  KernelPair other({}, {}, both);
  ASSERT_TRUE(connect(other, {{TwoHosts::server_address(0, kPort)}}));
  // The primary first: where the handshake came from.
  EXPECT_THAT(addresses(*other.server), ElementsAre("10.0.0.1", "10.0.1.1"));
}

TEST_F(KernelAddressesTest, AnAddressThatIsNotOfThisHostIsRefused) {
  KernelTransportOptions foreign;
  foreign.bind = {TwoHosts::client_address(0, 0), IpEndpoint::v4({192, 0, 2, 7}, 0)};
  KernelPair pair({}, foreign);

  hosts_.on_client([&] {
    const auto connecting = pair.transport->connect({{TwoHosts::server_address(0, kPort)}});

    ASSERT_FALSE(connecting.has_value());
    EXPECT_EQ(
        connecting.error().message,
        "bind to 192.0.2.7: this host has no such address; \"ip address\" lists those it has");
  });
}

TEST_F(KernelAddressesTest, ThePrimaryIsTheOneThatWasChosen) {
  KernelTransportOptions second;
  second.primary = TwoHosts::server_address(1, 0);
  KernelPair pair({}, {}, second);

  ASSERT_TRUE(connect(pair, both_of_server()));

  EXPECT_THAT(addresses(*pair.client), ElementsAre("10.0.1.2", "10.0.0.2"));
  EXPECT_EQ(addresses(*pair.server).front(), "10.0.1.1") << "the server sends on another path";
  EXPECT_TRUE(pair.client->stats().paths[0].primary);
}

TEST_F(KernelAddressesTest, APrimaryThatThePeerDoesNotHaveIsToldWithThoseItHas) {
  KernelTransportOptions foreign;
  foreign.primary = IpEndpoint::v4({192, 0, 2, 7}, 0);
  KernelPair pair({}, {}, foreign);

  static_cast<void>(connect(pair, both_of_server()));

  ASSERT_TRUE(pair.run_until([&] { return pair.client_told.closed.has_value(); }));
  EXPECT_THAT(pair.client_told.closed->message,
              HasSubstr("has no address 192.0.2.7 for transport.kernel.primary; it has 10.0.0.2, "
                        "10.0.1.2"));
}

}  // namespace
}  // namespace mayfly
