// Listeners whose associations share a one-to-many socket, and leave it when they have to wait.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>

#include "tests/kernel/kernel_pair.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr size_t kPlayers = 20;
constexpr size_t kFew = 4;
// More than the receive window of 2 MiB: what is sent behind it has to wait until the player, who
// is on the same loop, has read.
constexpr size_t kMoreThanFits = 3'000'000;

size_t open_descriptors() {
  const std::filesystem::directory_iterator open("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(open), end(open)));
}

// A listener and as many players as one likes over the loopback interface.
class OneToManyTest : public ::testing::Test {
 protected:
  struct Side {
    std::unique_ptr<Association> association;
    RecordingObserver told;
  };

  void listen(const KernelTransportOptions& kernel_options, const TransportOptions& options = {}) {
    server_transport = *KernelTransport::create(loop, loop, loop, options, kernel_options);
    auto listening = server_transport->listen({{IpEndpoint::loopback_v4(0)}});
    ASSERT_TRUE(listening.has_value()) << listening.error().message;
    listener = std::move(*listening);
    listener->set_acceptor([this](std::unique_ptr<Association> accepted) {
      Side& side = *served.emplace_back(std::make_unique<Side>());
      side.association = std::move(accepted);
      side.association->set_observer(&side.told);
    });
  }
  void connect(Side& side) {
    auto connecting = client_transport->connect({listener->local()});
    ASSERT_TRUE(connecting.has_value()) << connecting.error().message;
    side.association = std::move(*connecting);
    side.association->set_observer(&side.told);
  }
  void connect_all() {
    for (Side& each : players) ASSERT_NO_FATAL_FAILURE(connect(each));
    ASSERT_TRUE(run_until([&] { return served.size() == kPlayers && all_connected(); }));
  }
  [[nodiscard]] bool all_connected() const {
    return std::ranges::all_of(players, [](const Side& each) { return each.told.connected; });
  }
  [[nodiscard]] bool all_received(size_t messages) const {
    return std::ranges::all_of(
        players, [&](const Side& each) { return each.told.messages.size() == messages; });
  }
  // One message, and one that has to wait for it.
  static void send_more_than_fits(Side& from) {
    ASSERT_TRUE(from.association->send(message_of(1, patterned(kMoreThanFits, 7)), {}));
    ASSERT_TRUE(from.association->send(message_of(1, patterned(100, 8)), {}));
  }
  static void expect_more_than_fits(const std::vector<Message>& messages) {
    ASSERT_THAT(messages, SizeIs(2));
    EXPECT_EQ(messages[0].payload, patterned(kMoreThanFits, 7));
    EXPECT_EQ(messages[1].payload, patterned(100, 8));
  }
  [[nodiscard]] size_t count_of_players_with(size_t messages) const {
    return static_cast<size_t>(std::ranges::count_if(
        players, [&](const Side& each) { return each.told.messages.size() == messages; }));
  }
  [[nodiscard]] bool run_until(const std::function<bool()>& done, Duration limit = 20s) {
    return loop.run_until(done, limit);
  }

  EventLoop loop;
  std::unique_ptr<KernelTransport> server_transport;
  std::unique_ptr<KernelTransport> client_transport =
      *KernelTransport::create(loop, loop, loop, {}, {.socket_style = SocketStyle::OneToOne});
  std::unique_ptr<Listener> listener;
  std::array<Side, kPlayers> players;
  std::vector<std::unique_ptr<Side>> served;  // in the order of their coming
};

TEST_F(OneToManyTest, PlayersShareOneDescriptorUntilTheyHaveToWait) {
  ASSERT_NO_FATAL_FAILURE(listen({}));
  const size_t before = open_descriptors();
  ASSERT_NO_FATAL_FAILURE(connect_all());
  for (const auto& each : served) {
    ASSERT_TRUE(each->association->send(message_of(1, patterned(100, 1)), {}));
  }
  ASSERT_TRUE(run_until([&] { return all_received(1); }));
  EXPECT_EQ(open_descriptors(), before + kPlayers) << "the players' own and no others";

  ASSERT_NO_FATAL_FAILURE(send_more_than_fits(*served[3]));
  EXPECT_EQ(open_descriptors(), before + kPlayers + 1) << "one had to wait";
  EXPECT_TRUE(run_until([&] { return count_of_players_with(3) == 1; }));

  served.clear();
  EXPECT_TRUE(run_until([&] {
    return std::ranges::all_of(players,
                               [](const Side& each) { return each.told.closed.has_value(); });
  }));
  for (Side& each : players) each.association.reset();
  EXPECT_EQ(open_descriptors(), before);
}

// What is in the kernel's hands when an association moves, in both directions, moves along.
TEST_F(OneToManyTest, NothingIsLostOrReorderedWhenAnAssociationLeaves) {
  ASSERT_NO_FATAL_FAILURE(listen({}));
  ASSERT_NO_FATAL_FAILURE(connect_all());
  const size_t before = open_descriptors();
  constexpr uint32_t kMessages = 60;
  static_assert(kMessages * 60'000 > kMoreThanFits);
  for (uint32_t number = 0; number < kMessages; ++number) {
    for (size_t i = 0; i < kFew; ++i) {
      ASSERT_TRUE(players[i].association->send(message_of(1, patterned(3000, number)), {}));
      ASSERT_TRUE(served[i]->association->send(message_of(1, patterned(60'000, number)), {}));
    }
  }
  EXPECT_EQ(open_descriptors(), before + kFew);

  ASSERT_TRUE(run_until([&] {
    return count_of_players_with(kMessages) == kFew &&
           std::ranges::count_if(served, [&](const auto& each) {
             return each->told.messages.size() == kMessages;
           }) == kFew;
  }));
  for (uint32_t number = 0; number < kMessages; ++number) {
    for (size_t i = 0; i < kFew; ++i) {
      ASSERT_EQ(players[i].told.messages[number].payload, patterned(60'000, number));
      ASSERT_EQ(served[i]->told.messages[number].payload, patterned(3000, number));
    }
  }
}

TEST_F(OneToManyTest, AllStayOnOneSocketWhereTheyMustNotLeave) {
  ASSERT_NO_FATAL_FAILURE(listen({.peel_off = false}));
  ASSERT_NO_FATAL_FAILURE(connect_all());
  const size_t before = open_descriptors();
  for (size_t i = 0; i < kFew; ++i) ASSERT_NO_FATAL_FAILURE(send_more_than_fits(*served[i]));

  ASSERT_TRUE(run_until([&] { return count_of_players_with(2) == kFew; }));
  EXPECT_EQ(open_descriptors(), before);
  for (const Side& each : players) {
    if (!each.told.messages.empty()) expect_more_than_fits(each.told.messages);
  }
}

// While one association's large message is delivered in parts, the messages of the others are not
// held up. The window is so small beside the message that it is on its way all the time.
TEST_F(OneToManyTest, ALargeMessageOfOneHoldsUpNobodyElse) {
  TransportOptions small_window;
  small_window.socket_receive_buffer_bytes = 64 << 10;
  ASSERT_NO_FATAL_FAILURE(listen({.peel_off = false}, small_window));
  ASSERT_NO_FATAL_FAILURE(connect_all());
  ASSERT_TRUE(players[0].association->send(message_of(1, patterned(15'000'000, 1)), {}));
  // Packets of up to 64 KiB: more than the window holds has arrived.
  ASSERT_TRUE(run_until([&] {
    return std::ranges::any_of(
        served, [](const auto& each) { return each->association->stats().packets_received > 20; });
  }));

  for (size_t i = 1; i < kPlayers; ++i) {
    ASSERT_TRUE(players[i].association->send(message_of(1, patterned(500, 2)), {}));
  }

  const auto with_one = [&] {
    return static_cast<size_t>(std::ranges::count_if(
        served, [](const auto& each) { return each->told.messages.size() == 1; }));
  };
  ASSERT_TRUE(run_until([&] { return with_one() >= kPlayers - 1; }));
  EXPECT_EQ(with_one(), kPlayers - 1) << "the large message was too small to say anything";
}

TEST_F(OneToManyTest, AnAbortConcernsOneAloneAndSaysWhy) {
  ASSERT_NO_FATAL_FAILURE(listen({}));
  ASSERT_NO_FATAL_FAILURE(connect_all());

  served[5]->association->abort("the clip has burnt");
  served[6]->association->shutdown();

  const auto ended = [&] {
    return std::ranges::count_if(players,
                                 [](const Side& each) { return each.told.closed.has_value(); });
  };
  ASSERT_TRUE(run_until([&] { return ended() == 2 && served[6]->told.closed.has_value(); }));
  EXPECT_EQ(served[5]->told.closed->message, "aborted: the clip has burnt");
  EXPECT_EQ(served[6]->told.closed->code, ErrorCode::Closed);
  std::multiset<std::string> reasons;
  for (const Side& each : players) {
    if (each.told.closed) reasons.insert(each.told.closed->message);
  }
  EXPECT_THAT(reasons, testing::ElementsAre("aborted by the peer: the clip has burnt",
                                            "shut down by the peer"));
  for (const auto& each : served) {
    if (!each->told.closed) {
      ASSERT_TRUE(each->association->send(message_of(2, patterned(10, 1)), {}));
    }
  }
  EXPECT_TRUE(run_until([&] {
    return std::ranges::count_if(players, [](const Side& each) {
             return each.told.messages.size() == 1;
           }) == kPlayers - 2;
  }));
}

TEST_F(OneToManyTest, WhoIsNotWantedIsTurnedAway) {
  ASSERT_NO_FATAL_FAILURE(listen({}));
  listener->set_acceptor(nullptr);
  ASSERT_NO_FATAL_FAILURE(connect(players[0]));

  ASSERT_TRUE(run_until([&] { return players[0].told.closed.has_value(); }));

  EXPECT_EQ(players[0].told.closed->message, "aborted by the peer: nobody takes associations here");
}

TEST_F(OneToManyTest, AssociationsOutliveTheirListenerWhosePortIsFreeAgain) {
  ASSERT_NO_FATAL_FAILURE(listen({}));
  const IpEndpoint port = listener->local().front();
  ASSERT_NO_FATAL_FAILURE(connect(players[0]));
  ASSERT_TRUE(run_until([&] { return !served.empty() && served[0]->told.connected; }));

  listener.reset();
  const auto again = server_transport->listen({{port}});
  ASSERT_TRUE(again.has_value()) << again.error().message;

  ASSERT_NO_FATAL_FAILURE(send_more_than_fits(*served[0]));
  ASSERT_TRUE(run_until([&] { return players[0].told.messages.size() == 2; }));
  expect_more_than_fits(players[0].told.messages);
}

// One by one, so that ids and descriptors are used again if they can be.
TEST_F(OneToManyTest, ComingAndGoingLeavesNothingBehind) {
  ASSERT_NO_FATAL_FAILURE(listen({}));
  const size_t before = open_descriptors();
  for (int round = 0; round < 30; ++round) {
    Side& player = players[0];
    player.told = {};
    ASSERT_NO_FATAL_FAILURE(connect(player));
    ASSERT_TRUE(run_until([&] { return !served.empty() && served[0]->told.connected; }));
    if (round % 2 == 0) {
      ASSERT_NO_FATAL_FAILURE(send_more_than_fits(*served[0]));
    }
    ASSERT_TRUE(served[0]->association->send(message_of(1, patterned(10, 1)), {}));
    ASSERT_TRUE(run_until([&] {
      return !player.told.messages.empty() && player.told.messages.back().payload.size() == 10;
    }));
    if (round % 3 == 0) player.association->shutdown();
    if (round % 3 == 1) player.association->abort("enough");
    if (round % 3 == 2) player.association.reset();
    ASSERT_TRUE(run_until([&] { return served[0]->told.closed.has_value(); }));
    served.clear();
    player.association.reset();
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(OneToManyTest, APortIsTakenWhicheverStyleHasIt) {
  const auto one_to_one =
      *KernelTransport::create(loop, loop, loop, {}, {.socket_style = SocketStyle::OneToOne});
  const auto one_to_many = *KernelTransport::create(loop, loop, loop, {}, {});
  for (const auto& [holder, other] :
       {std::pair(&one_to_one, &one_to_many), std::pair(&one_to_many, &one_to_one),
        std::pair(&one_to_many, &one_to_many)}) {
    const auto first = (*holder)->listen({{IpEndpoint::loopback_v4(0)}});
    ASSERT_TRUE(first.has_value());
    const IpEndpoint taken = (*first)->local().front();

    const auto second = (*other)->listen({{taken}});

    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().message, "bind to " + to_string(taken) +
                                          ": another program has this SCTP port; choose another");
  }
}

TEST_F(OneToManyTest, AForeignAddressIsNamed) {
  const auto transport = *KernelTransport::create(loop, loop, loop, {}, {});

  const auto listening = transport->listen({{IpEndpoint::v4({192, 0, 2, 1}, 9899)}});

  ASSERT_FALSE(listening.has_value());
  EXPECT_THAT(listening.error().message, HasSubstr("this host has no such address"));
}

}  // namespace
}  // namespace mayfly
