#include "runtime/udp_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace mayfly {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Duration kLimit = 20s;

IpEndpoint loopback_v6(uint16_t port) {
  IpEndpoint endpoint = IpEndpoint::any_v6(port);
  endpoint.address[15] = 1;
  return endpoint;
}

// A packet whose every byte follows from its number and its size, so that one that was cut, merged
// or mixed up shows.
Bytes numbered_packet(size_t number, size_t bytes) {
  Bytes packet(bytes);
  for (size_t i = 0; i < bytes; ++i)
    packet[i] = static_cast<std::byte>(number * 31 + i * 7 + bytes);
  return packet;
}

class UdpSocketTest : public testing::Test {
 protected:
  std::unique_ptr<UdpSocket> bind(const IpEndpoint& local, const UdpSocketOptions& options = {}) {
    auto socket = UdpSocket::bind(loop_, local, options);
    EXPECT_TRUE(socket.has_value()) << socket.error().message;
    return std::move(*socket);
  }
  void collect(PacketSocket& socket) {
    socket.set_receiver([this](const IpEndpoint& from, ByteView packet) {
      senders_.push_back(from);
      received_.emplace_back(packet.begin(), packet.end());
    });
  }
  // Runs until so many packets came.
  [[nodiscard]] bool receives(size_t count) {
    return loop_.run_until([&] { return received_.size() >= count; }, kLimit);
  }

  EventLoop loop_;
  std::vector<Bytes> received_;
  std::vector<IpEndpoint> senders_;
};

TEST_F(UdpSocketTest, GetsAFreePortAndSaysWhich) {
  const auto one = bind(IpEndpoint::loopback_v4(0));
  const auto other = bind(IpEndpoint::loopback_v4(0));

  EXPECT_NE(one->local().port, 0);
  EXPECT_NE(one->local().port, other->local().port);
  EXPECT_EQ(address_text(one->local()), "127.0.0.1");
}

TEST_F(UdpSocketTest, CarriesAPacketWithTheSendersAddress) {
  const auto sender = bind(IpEndpoint::loopback_v4(0));
  const auto receiver = bind(IpEndpoint::loopback_v4(0));
  collect(*receiver);

  sender->send(receiver->local(), as_bytes("hello"));
  ASSERT_TRUE(receives(1));

  EXPECT_EQ(as_text(received_[0]), "hello");
  EXPECT_EQ(senders_[0], sender->local());
}

// Every address of 127.0.0.0/8 is this host's, and left alone it would answer from the first.
TEST_F(UdpSocketTest, AnswersFromTheAddressThatWasWrittenToWhenBoundToAll) {
  for (const IpEndpoint& all : {IpEndpoint::any_v4(0), IpEndpoint::any_v6(0)}) {
    const auto server = bind(all);
    const auto client = bind(IpEndpoint::loopback_v4(0));
    server->set_receiver([&](const IpEndpoint& from, ByteView packet) {
      for (int i = 0; i < 3; ++i) server->send(from, packet);  // one segmented send
    });
    received_.clear();
    senders_.clear();
    collect(*client);

    const IpEndpoint asked = IpEndpoint::v4({127, 0, 0, 7}, server->local().port);
    client->send(asked, as_bytes("who is there?"));
    ASSERT_TRUE(receives(3));

    EXPECT_THAT(senders_, ElementsAre(asked, asked, asked)) << to_string(all);
  }
}

class UdpSocketBatchTest : public UdpSocketTest, public testing::WithParamInterface<bool> {};

// Small enough for the smallest receive buffer a kernel allows, in several rounds.
TEST_P(UdpSocketBatchTest, CarriesEveryPacketWholeAndInOrderWhateverTheirSizes) {
  const UdpSocketOptions options{.segmentation_offload = GetParam()};
  const auto sender = bind(IpEndpoint::loopback_v4(0), options);
  const auto receiver = bind(IpEndpoint::loopback_v4(0), options);
  collect(*receiver);
  std::vector<Bytes> sent;
  // Runs of equal size, runs that end in a shorter one, single ones, growing and shrinking ones.
  const std::vector<std::vector<size_t>> rounds = {std::vector<size_t>(70, 1200),
                                                   {1200, 1200, 1200, 300},
                                                   {1, 2, 3, 4},
                                                   {900, 800, 700, 600},
                                                   {1452, 1452, 1},
                                                   {1200, 1200, 300, 300, 1200, 1200},
                                                   std::vector<size_t>(100, 100),
                                                   {1252}};

  for (const auto& sizes : rounds) {
    for (const size_t bytes : sizes) {
      sent.push_back(numbered_packet(sent.size(), bytes));
      sender->send(receiver->local(), sent.back());
    }
    ASSERT_TRUE(receives(sent.size()));
  }

  EXPECT_EQ(received_, sent);
  EXPECT_EQ(sender->stats().packets_sent, sent.size());
  EXPECT_EQ(sender->stats().packets_dropped, 0U);
  EXPECT_EQ(receiver->stats().packets_received, sent.size());
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutOffload, UdpSocketBatchTest, testing::Bool());

TEST_F(UdpSocketTest, SendsARunAsOneSegmentedPacketAndReceivesItAsOne) {
  const auto sender = bind(IpEndpoint::loopback_v4(0));
  const auto receiver = bind(IpEndpoint::loopback_v4(0));
  collect(*receiver);

  for (size_t i = 0; i < 40; ++i) sender->send(receiver->local(), numbered_packet(i, 1200));
  ASSERT_TRUE(receives(40));

  if (sender->stats().segmented_runs == 0) GTEST_SKIP() << "this kernel has no UDP_SEGMENT";
  EXPECT_EQ(sender->stats().segmented_runs, 1U);
  EXPECT_EQ(sender->stats().send_calls, 1U);
  if (receiver->stats().coalesced_runs == 0) GTEST_SKIP() << "this kernel has no UDP_GRO";
  EXPECT_EQ(receiver->stats().coalesced_runs, 1U);
  EXPECT_EQ(receiver->stats().receive_calls, 1U);
}

TEST_F(UdpSocketTest, HandsSegmentsToAReceiverWithoutOffloadOneByOne) {
  const auto sender = bind(IpEndpoint::loopback_v4(0));
  const auto receiver = bind(IpEndpoint::loopback_v4(0), {.segmentation_offload = false});
  collect(*receiver);

  for (size_t i = 0; i < 40; ++i) sender->send(receiver->local(), numbered_packet(i, 1200));
  ASSERT_TRUE(receives(40));

  for (size_t i = 0; i < 40; ++i) EXPECT_EQ(received_[i], numbered_packet(i, 1200)) << i;
  EXPECT_EQ(receiver->stats().coalesced_runs, 0U);
}

TEST_F(UdpSocketTest, SendsToManyDestinationsInOneRound) {
  constexpr size_t kReceivers = 80;  // more than one system call takes
  const auto sender = bind(IpEndpoint::loopback_v4(0));
  std::vector<std::unique_ptr<UdpSocket>> receivers;
  std::vector<std::string> at(kReceivers);
  size_t total = 0;
  for (size_t i = 0; i < kReceivers; ++i) {
    receivers.push_back(bind(IpEndpoint::loopback_v4(0)));
    receivers.back()->set_receiver([&, i](const IpEndpoint&, ByteView packet) {
      at[i] += as_text(packet);
      ++total;
    });
  }

  for (const char* text : {"a", "b"}) {
    for (const auto& receiver : receivers) sender->send(receiver->local(), as_bytes(text));
  }
  ASSERT_TRUE(loop_.run_until([&] { return total == 2 * kReceivers; }, kLimit));

  EXPECT_THAT(at, testing::Each("ab"));
}

TEST_F(UdpSocketTest, TalksIpv6) {
  const auto sender = bind(loopback_v6(0));
  const auto receiver = bind(loopback_v6(0));
  collect(*receiver);

  sender->send(receiver->local(), as_bytes("six"));
  ASSERT_TRUE(receives(1));

  EXPECT_EQ(senders_[0], sender->local());
}

TEST_F(UdpSocketTest, ServesBothProtocolsOnTheIpv6Wildcard) {
  const auto server = bind(IpEndpoint::any_v6(0));
  const auto four = bind(IpEndpoint::loopback_v4(0));
  const auto six = bind(loopback_v6(0));
  collect(*four);
  collect(*six);
  std::vector<IpEndpoint> players;
  server->set_receiver([&](const IpEndpoint& from, ByteView packet) {
    players.push_back(from);
    server->send(from, packet);
  });

  four->send(IpEndpoint::loopback_v4(server->local().port), as_bytes("4"));
  ASSERT_TRUE(receives(1));
  six->send(loopback_v6(server->local().port), as_bytes("6"));
  ASSERT_TRUE(receives(2));

  EXPECT_THAT(players, ElementsAre(four->local(), six->local()));
  EXPECT_EQ(as_text(received_[0]), "4");
  EXPECT_EQ(as_text(received_[1]), "6");
}

TEST_F(UdpSocketTest, SaysThatAPortIsTaken) {
  const auto first = bind(IpEndpoint::loopback_v4(0));

  const auto second = UdpSocket::bind(loop_, first->local());

  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::Io);
  EXPECT_THAT(second.error().message, HasSubstr(to_string(first->local())));
  EXPECT_THAT(second.error().message, HasSubstr("the port is taken; choose another"));
}

TEST_F(UdpSocketTest, SaysThatAnAddressIsNotOfThisHost) {
  const auto socket = UdpSocket::bind(loop_, IpEndpoint::v4({192, 0, 2, 1}, 0));

  ASSERT_FALSE(socket.has_value());
  EXPECT_THAT(socket.error().message, HasSubstr("no interface of this host has that address"));
}

TEST_F(UdpSocketTest, TreatsWhatCannotBeSentAsLost) {
  const auto sender = bind(IpEndpoint::loopback_v4(0));
  const auto receiver = bind(IpEndpoint::loopback_v4(0));
  collect(*receiver);

  sender->send(loopback_v6(9), as_bytes("not from a v4 socket"));
  sender->send(receiver->local(), Bytes(70'000));
  sender->send(IpEndpoint::loopback_v4(1), as_bytes("nobody is there: ICMP comes back"));
  sender->send(receiver->local(), as_bytes("after all that"));
  ASSERT_TRUE(receives(1));

  EXPECT_EQ(as_text(received_[0]), "after all that");
  EXPECT_EQ(sender->stats().packets_dropped, 2U);
}

TEST_F(UdpSocketTest, SendsWhatFollowsARefusedRun) {
  const auto sender = bind(IpEndpoint::loopback_v4(0));
  const auto receiver = bind(IpEndpoint::loopback_v4(0));
  collect(*receiver);

  // Port 0 is nobody's: the kernel refuses each packet, segmented or not.
  for (int i = 0; i < 5; ++i) sender->send(IpEndpoint::loopback_v4(0), as_bytes("refused"));
  sender->send(receiver->local(), as_bytes("taken"));
  ASSERT_TRUE(receives(1));

  EXPECT_EQ(as_text(received_[0]), "taken");
  EXPECT_EQ(sender->stats().packets_dropped, 5U);
}

TEST_F(UdpSocketTest, SendsWhatWaitsBeforeItIsDestroyed) {
  auto sender = bind(IpEndpoint::loopback_v4(0));
  const auto receiver = bind(IpEndpoint::loopback_v4(0));
  collect(*receiver);

  sender->send(receiver->local(), as_bytes("goodbye"));
  sender.reset();
  ASSERT_TRUE(receives(1));

  EXPECT_EQ(as_text(received_[0]), "goodbye");
}

TEST_F(UdpSocketTest, LetsAReceiverDestroyItsSocketInTheMiddleOfARun) {
  const auto sender = bind(IpEndpoint::loopback_v4(0));
  auto receiver = bind(IpEndpoint::loopback_v4(0));
  int received = 0;
  receiver->set_receiver([&](const IpEndpoint&, ByteView packet) {
    ++received;
    receiver.reset();
    EXPECT_EQ(packet.size(), 100U);  // the view is still valid
    EXPECT_EQ(packet.back(), std::byte{0});
  });

  for (int i = 0; i < 10; ++i) sender->send(receiver->local(), Bytes(100));
  EXPECT_TRUE(loop_.run_until([&] { return receiver == nullptr; }, kLimit));
  EXPECT_FALSE(loop_.run_until([] { return false; }, 2ms));

  EXPECT_EQ(received, 1);
}

TEST_F(UdpSocketTest, KeepsNoMoreThanItsBoundWhenTheRoundIsLong) {
  const auto sender = bind(IpEndpoint::loopback_v4(0), {.queue_bytes = 10'000});
  const auto receiver = bind(IpEndpoint::loopback_v4(0));
  collect(*receiver);

  for (size_t i = 0; i < 20; ++i) sender->send(receiver->local(), numbered_packet(i, 1000));
  ASSERT_TRUE(receives(10));

  EXPECT_EQ(sender->stats().packets_dropped, 10U);
  EXPECT_EQ(sender->stats().packets_sent, 10U);
}

}  // namespace
}  // namespace mayfly
