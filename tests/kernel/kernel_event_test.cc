#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/sctp.h>
#include <sys/socket.h>

#include "core/file_descriptor.h"
#include "tests/kernel/kernel_pair.h"
#include "tests/kernel/network_namespaces.h"
#include "transport/socket_address.h"

// What a real kernel tells of an association besides messages, and that the operator gets it.
namespace mayfly {
namespace {

using ::testing::HasSubstr;
using Kind = TransportEventKind;

class KernelEventTest : public ::testing::Test {
 protected:
  void SetUp() override {
    hosts.impair(0, {});
    hosts.impair(1, {});
  }

  [[nodiscard]] bool connect(KernelPair& pair, size_t cables = 1) const {
    TransportAddress at;
    for (size_t cable = 0; cable < cables; ++cable) {
      at.endpoints.push_back(TwoHosts::server_address(cable, 9899));
    }
    return pair.connect(
        at, at, [this](const auto& work) { hosts.on_server(work); },
        [this](const auto& work) { hosts.on_client(work); },
        [&pair] { return pair.client_told.closed.has_value(); });
  }

  TwoHosts& hosts = TwoHosts::get();
};

TEST_F(KernelEventTest, APathThatFailsAndComesBackIsToldByItsAddress) {
  KernelPair pair;
  ASSERT_TRUE(connect(pair, 2));
  const std::string address = to_string(TwoHosts::server_address(0, 9899));
  const auto told = [&](Kind kind) {
    return pair.run_until([&] { return pair.client_told.first(kind) != nullptr; }, 15s);
  };

  hosts.impair(0, {.loss = "100%"});
  ASSERT_TRUE(pair.client->send(message_of(1, patterned(1000, 1)), {}));
  ASSERT_TRUE(told(Kind::PathUnreachable));
  EXPECT_EQ(pair.client_told.first(Kind::PathUnreachable)->address, address);
  hosts.impair(0, {});
  ASSERT_TRUE(told(Kind::PathReachable));
  EXPECT_EQ(pair.client_told.first(Kind::PathReachable)->address, address);

  const TransportEventCounts counts = pair.client->stats().events;
  EXPECT_EQ(counts.of(Kind::AssociationUp), 1U);
  EXPECT_GE(counts.of(Kind::PathUnreachable), 1U);
  EXPECT_GE(counts.of(Kind::PathReachable), 1U);
  EXPECT_EQ(counts.of(Kind::AssociationLost), 0U);
}

// 2 MB on a slow link to a peer with little room: it passes on what it has before the sender gives
// the rest up.
TEST_F(KernelEventTest, HalfAMessageThatWillNeverBeWholeIsTold) {
  TransportOptions options;
  options.socket_receive_buffer_bytes = 64 << 10;
  KernelPair pair(options);
  ASSERT_TRUE(connect(pair));
  hosts.impair(0, {.delay = "5ms", .loss = "1%", .rate = "20mbit"});
  // Too late for most of it, and there is more than one try.
  const SendOptions options_of_big{.ordered = true, .lifetime = 300ms};
  const auto aborted = [&] {
    return pair.server_told.first(Kind::PartialDeliveryAborted) != nullptr;
  };
  for (int i = 0; i < 10 && !aborted(); ++i) {
    ASSERT_TRUE(pair.client->send(message_of(2, patterned(2'000'000, 2)), options_of_big));
    static_cast<void>(pair.run_until(aborted, 2s));
  }

  ASSERT_TRUE(aborted());
  EXPECT_GE(pair.server->stats().partial_deliveries_aborted, 1U);
  EXPECT_GE(pair.server->stats().events.of(Kind::PartialDeliveryAborted), 1U);
  hosts.impair(0, {});
  ASSERT_TRUE(pair.client->send(message_of(3, patterned(500, 3)), {}));
  EXPECT_TRUE(pair.run_until([&] {
    return !pair.server_told.messages.empty() &&
           pair.server_told.messages.back().payload == patterned(500, 3);
  }));
}

TEST_F(KernelEventTest, MessagesTheKernelGaveUpAreToldAsFailed) {
  KernelPair pair;
  ASSERT_TRUE(connect(pair));
  hosts.impair(0, {.loss = "100%"});
  for (uint32_t i = 0; i < 50; ++i) {
    ASSERT_TRUE(pair.client->send(message_of(1, patterned(1000, i)),
                                  {.ordered = false, .lifetime = 200ms, .id = MessageId(i)}));
  }

  ASSERT_TRUE(pair.run_until(
      [&] { return pair.client_told.first(Kind::MessageSendFailed) != nullptr; }, 5s));

  EXPECT_EQ(pair.client_told.first(Kind::MessageSendFailed)->stream, StreamId(1));
  EXPECT_THAT(pair.client_told.first(Kind::MessageSendFailed)->detail, HasSubstr("unsent"));
}

// A peer of our own that resets its streams (RFC 6525), where both hosts allow it.
class ResettingPeer {
 public:
  explicit ResettingPeer(const IpEndpoint& server) {
    descriptor_ = FileDescriptor(socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP));
    sctp_assoc_value on{};
    on.assoc_value = SCTP_ENABLE_RESET_STREAM_REQ;
    EXPECT_EQ(setsockopt(descriptor_.get(), IPPROTO_SCTP, SCTP_ENABLE_STREAM_RESET, &on, sizeof on),
              0);
    const auto address = socket_address(server, IpEndpoint::Family::V4);
    EXPECT_EQ(::connect(descriptor_.get(), address->get(), address->length), 0);
  }
  void reset_outgoing_streams() const {
    sctp_reset_streams reset{};
    reset.srs_flags = SCTP_STREAM_RESET_OUTGOING;
    EXPECT_EQ(setsockopt(descriptor_.get(), IPPROTO_SCTP, SCTP_RESET_STREAMS, &reset, sizeof reset),
              0);
  }

 private:
  FileDescriptor descriptor_;
};

TEST_F(KernelEventTest, AStreamResetOfThePeerIsTold) {
  const auto offer = [this](const std::string& value) {
    const auto set = [&] { TwoHosts::set_sysctl("sctp/reconf_enable", value); };
    hosts.on_client(set);
    hosts.on_server(set);
  };
  offer("1");
  KernelPair pair;
  hosts.on_server(
      [&] { pair.listener = *pair.transport->listen({{TwoHosts::server_address(0, 9899)}}); });
  pair.listener->set_acceptor([&](std::unique_ptr<Association> accepted) {
    pair.server = std::move(accepted);
    pair.server->set_observer(&pair.server_told);
  });
  std::optional<ResettingPeer> peer;
  hosts.on_client([&] { peer.emplace(TwoHosts::server_address(0, 9899)); });
  offer("0");
  ASSERT_TRUE(pair.run_until([&] { return pair.server_told.connected; }));

  peer->reset_outgoing_streams();

  ASSERT_TRUE(
      pair.run_until([&] { return pair.server_told.first(Kind::StreamsReset) != nullptr; }));
  EXPECT_THAT(pair.server_told.first(Kind::StreamsReset)->detail, HasSubstr("incoming done"));
}

}  // namespace
}  // namespace mayfly
