// Messages larger than a buffer or a chunk: whole, in part, cut off, and refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/quantity.h"
#include "tests/kernel/kernel_pair.h"
#include "tests/kernel/network_namespaces.h"
#include "transport/kernel/socket_settings.h"

namespace mayfly {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr size_t kMegabyte = 1'000'000;
// So many round trips of the small window that it is never complete when it is looked for in part:
// the receiver is on the same loop and reads a window's worth at a time.
constexpr size_t kEndless = 12 * kMegabyte;

// A window so small that no megabyte fits: it is delivered in parts.
TransportOptions small_window() {
  TransportOptions options;
  options.socket_receive_buffer_bytes = 64 << 10;
  return options;
}

// Over a cable of ordinary packets.
class LargeMessageTest : public ::testing::Test {
 protected:
  [[nodiscard]] bool connect(KernelPair& pair) const {
    return pair.connect(
        {{TwoHosts::server_address(0, 9899)}}, {{TwoHosts::server_address(0, 9899)}},
        [this](const auto& work) { hosts.on_server(work); },
        [this](const auto& work) { hosts.on_client(work); });
  }
  // Whether part of an endless message is in the server's hands: more arrived, in packets of 1500
  // bytes, than its window holds.
  [[nodiscard]] static bool is_half_delivered(const KernelPair& pair) {
    return pair.server->stats().packets_received > 200;
  }
  void SetUp() override { hosts.impair(0, {.delay = "5ms"}); }
  void TearDown() override { hosts.impair(0, {}); }

  TwoHosts& hosts = TwoHosts::get();
};

class LargeMessageStyleTest : public LargeMessageTest,
                              public ::testing::WithParamInterface<SocketStyle> {};

TEST_P(LargeMessageStyleTest, ArrivesThoughItIsLargerThanTheReceiveBuffer) {
  KernelPair pair(small_window(), {.socket_style = GetParam()});
  ASSERT_TRUE(connect(pair));

  ASSERT_TRUE(pair.client->send(message_of(1, patterned(kMegabyte, 1)), {}));
  ASSERT_TRUE(pair.server->send(message_of(2, patterned(kMegabyte / 2, 2)), {.ordered = false}));

  ASSERT_TRUE(pair.run_until(
      [&] { return !pair.server_told.messages.empty() && !pair.client_told.messages.empty(); },
      60s));
  EXPECT_EQ(pair.server_told.messages[0].payload, patterned(kMegabyte, 1));
  EXPECT_EQ(pair.client_told.messages[0].payload, patterned(kMegabyte / 2, 2));
}

TEST_P(LargeMessageStyleTest, EndsCleanlyWhenThePeerAbortsInTheMiddleOfIt) {
  KernelPair pair(small_window(), {.socket_style = GetParam()});
  ASSERT_TRUE(connect(pair));
  ASSERT_TRUE(pair.client->send(message_of(1, patterned(kEndless, 1)), {}));
  ASSERT_TRUE(pair.run_until([&] { return is_half_delivered(pair); }, 30s));

  pair.client->abort("the clip has burnt");

  ASSERT_TRUE(pair.run_until([&] { return pair.server_told.closed.has_value(); }));
  EXPECT_TRUE(pair.server_told.messages.empty());
  EXPECT_EQ(pair.server_told.closed->code, ErrorCode::Io);
  EXPECT_THAT(pair.server_told.closed->message, HasSubstr("aborted by the peer"));
  EXPECT_EQ(pair.server->stats().partial_deliveries_aborted, 1U);
}

// A whole frame that is given up while half of it is delivered: the half is dropped, and the stream
// goes on. Given up for its retransmissions, which a slow machine does not use up by itself.
TEST_P(LargeMessageStyleTest, IsDroppedWhenItIsAbandonedHalfDelivered) {
  KernelPair pair(small_window(), {.socket_style = GetParam()});
  ASSERT_TRUE(connect(pair));
  ASSERT_TRUE(pair.client->send(message_of(1, patterned(kEndless, 1)), {.max_retransmissions = 4}));
  ASSERT_TRUE(pair.run_until([&] { return is_half_delivered(pair); }, 30s));

  hosts.impair(0, {.delay = "5ms", .loss = "100%"});
  const auto is_abandoned = [&] {
    const auto streams = pair.client->stats().streams;
    return streams.at(StreamId(1)).abandoned_sent > 0;
  };
  ASSERT_TRUE(pair.run_until(is_abandoned));  // 5 timeouts of at most 400 ms
  hosts.impair(0, {.delay = "5ms"});
  ASSERT_TRUE(pair.client->send(message_of(1, patterned(5000, 2)), {}));

  ASSERT_TRUE(pair.run_until([&] { return !pair.server_told.messages.empty(); }));
  EXPECT_EQ(pair.server_told.messages[0].payload, patterned(5000, 2));
  EXPECT_EQ(pair.server->stats().partial_deliveries_aborted, 1U);
  EXPECT_FALSE(pair.server_told.closed);
}

INSTANTIATE_TEST_SUITE_P(Styles, LargeMessageStyleTest,
                         ::testing::Values(SocketStyle::OneToMany, SocketStyle::OneToOne),
                         [](const auto& style) {
                           return style.param == SocketStyle::OneToMany ? "OneToMany" : "OneToOne";
                         });

TEST_F(LargeMessageTest, WithoutFragmentationOnlyWhatFitsOneChunkIsTaken) {
  KernelPair pair({}, {.fragmentation = false});
  ASSERT_TRUE(connect(pair));
  const size_t most = pair.client->max_message_bytes();
  EXPECT_GE(most, pair.client->max_chunk_payload_bytes());
  EXPECT_LE(most, 1500U);

  const auto refused = pair.client->send(message_of(1, patterned(most + 1, 1)), {});
  ASSERT_TRUE(pair.client->send(message_of(1, patterned(most, 2)), {}));

  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr(data_size_text(most + 1)), HasSubstr(data_size_text(most)),
                    HasSubstr("transport.kernel.fragmentation"), HasSubstr("pieces")));
  ASSERT_TRUE(pair.run_until([&] { return !pair.server_told.messages.empty(); }));
  EXPECT_EQ(pair.server_told.messages[0].payload, patterned(most, 2));
  EXPECT_TRUE(pair.client_told.abandoned.empty()) << "the kernel refused what was taken";
}

// The kernel itself must refuse, too: the limit here is only what it told last.
TEST_F(LargeMessageTest, WithoutFragmentationTheKernelCutsNothing) {
  auto socket = SctpSocket::open(IpEndpoint::Family::V4);
  ASSERT_TRUE(socket.has_value());
  ASSERT_TRUE(apply_settings(*socket, {}, {.fragmentation = false}));

  EXPECT_EQ(socket->option<int>(IPPROTO_SCTP, SCTP_DISABLE_FRAGMENTS), 1);
}

// An ordinary user's process, as far as the kernel's limits go.
class OrdinaryUser {
 public:
  OrdinaryUser() { EXPECT_EQ(seteuid(kNobody), 0); }
  ~OrdinaryUser() { EXPECT_EQ(seteuid(0), 0); }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;

 private:
  static constexpr uid_t kNobody = 65534;
};

TEST_F(LargeMessageTest, TheKernelsBoundOfTheSendBufferIsToldWithTheMend) {
  EXPECT_EQ(send_buffer_shortfall({}), std::nullopt);  // as root, past net.core.wmem_max
  const OrdinaryUser user;

  const auto shortfall = send_buffer_shortfall({});

  ASSERT_TRUE(shortfall.has_value());
  // Linux's default net.core.wmem_max is 212992, and it grants the double.
  EXPECT_THAT(*shortfall, AllOf(HasSubstr("larger than 416KiB go in pieces"),
                                HasSubstr("sysctl -w net.core.wmem_max=8388608")));
}

TEST_F(LargeMessageTest, AnOrdinaryUsersLargestMessageArrivesAndALargerOneIsRefused) {
  const OrdinaryUser user;
  KernelPair pair;
  ASSERT_TRUE(pair.connect());
  const size_t most = pair.client->max_message_bytes();

  const auto refused = pair.client->send(message_of(1, patterned(most + 1, 1)), {});
  ASSERT_TRUE(pair.client->send(message_of(1, patterned(most, 2)), {}));

  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("the kernel's send buffer of 416KiB"),
                                             HasSubstr("net.core.wmem_max")));
  ASSERT_TRUE(pair.run_until([&] { return !pair.server_told.messages.empty(); }));
  EXPECT_EQ(pair.server_told.messages[0].payload, patterned(most, 2));
}

}  // namespace
}  // namespace mayfly
