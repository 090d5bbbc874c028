#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kernel/kernel_pair.h"

namespace mayfly {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr size_t kMegabyte = 1'000'000;

TEST(KernelAssociationTest, CarriesMessagesBothWays) {
  KernelPair pair;
  ASSERT_TRUE(pair.connect());

  ASSERT_TRUE(pair.client->send(message_of(3, patterned(1000, 1)), {}));
  ASSERT_TRUE(pair.server->send(message_of(0, patterned(1, 2)), {}));

  ASSERT_TRUE(pair.run_until([&] {
    return pair.server_told.messages.size() == 1 && pair.client_told.messages.size() == 1;
  }));
  EXPECT_EQ(pair.server_told.messages[0].payload, patterned(1000, 1));
  EXPECT_EQ(pair.server_told.messages[0].stream, StreamId(3));
  EXPECT_EQ(pair.server_told.messages[0].ppid, Ppid(7));
  EXPECT_EQ(pair.client_told.messages[0].payload, patterned(1, 2));
  EXPECT_EQ(pair.client->outgoing_streams(), TransportOptions{}.streams);
}

TEST(KernelAssociationTest, PutsTogetherMegabytesThatArriveInPieces) {
  KernelPair pair;
  ASSERT_TRUE(pair.connect());

  for (uint16_t stream = 1; stream <= 4; ++stream) {
    const SendOptions options{.ordered = stream % 2 == 0};
    ASSERT_TRUE(pair.client->send(message_of(stream, patterned(kMegabyte, stream)), options));
    ASSERT_TRUE(pair.client->send(message_of(9, patterned(100, stream)), {}));
  }

  ASSERT_TRUE(pair.run_until([&] { return pair.server_told.messages.size() == 8; }, 20s));
  std::map<StreamId, size_t> arrived;
  for (const Message& each : pair.server_told.messages) {
    const size_t before = arrived[each.stream]++;
    const auto seed =
        static_cast<uint32_t>(each.stream == StreamId(9) ? before + 1 : each.stream.value());
    EXPECT_EQ(each.payload, patterned(each.payload.size(), seed));
  }
  EXPECT_EQ(arrived[StreamId(9)], 4U);
  EXPECT_TRUE(pair.client_told.abandoned.empty());
}

TEST(KernelAssociationTest, ShutdownDeliversWhatWasAccepted) {
  KernelPair pair;
  ASSERT_TRUE(pair.connect());

  for (uint32_t i = 0; i < 200; ++i) {
    ASSERT_TRUE(pair.client->send(message_of(1, patterned(1200, i)), {}));
  }
  pair.client->shutdown();
  const auto refused = pair.client->send(message_of(1, patterned(10, 1)), {});

  ASSERT_TRUE(pair.run_until([&] { return pair.client_told.closed && pair.server_told.closed; }));
  EXPECT_EQ(pair.server_told.messages.size(), 200U);
  EXPECT_EQ(pair.client_told.closed->code, ErrorCode::Closed) << pair.client_told.closed->message;
  EXPECT_EQ(pair.server_told.closed->code, ErrorCode::Closed) << pair.server_told.closed->message;
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::Closed);
}

TEST(KernelAssociationTest, AbortEndsBothSidesAtOnce) {
  KernelPair pair;
  ASSERT_TRUE(pair.connect());

  pair.client->abort("the clip is gone");

  ASSERT_TRUE(pair.run_until([&] { return pair.client_told.closed && pair.server_told.closed; }));
  EXPECT_EQ(pair.server_told.closed->code, ErrorCode::Io);
  EXPECT_EQ(pair.server_told.closed->message, "aborted by the peer");
  EXPECT_EQ(pair.client_told.closed->message, "aborted: the clip is gone");
}

TEST(KernelAssociationTest, DestroyingAnOpenAssociationAbortsIt) {
  KernelPair pair;
  ASSERT_TRUE(pair.connect());

  pair.client.reset();

  ASSERT_TRUE(pair.run_until([&] { return pair.server_told.closed.has_value(); }));
  EXPECT_EQ(pair.server_told.closed->code, ErrorCode::Io);
  EXPECT_THAT(pair.server_told.closed->message, HasSubstr("aborted by the peer"));
}

TEST(KernelAssociationTest, SaysThatNobodyListens) {
  KernelPair pair;

  auto client = pair.client_transport->connect({{IpEndpoint::loopback_v4(9)}});
  ASSERT_TRUE(client.has_value());
  (*client)->set_observer(&pair.client_told);

  ASSERT_TRUE(pair.run_until([&] { return pair.client_told.closed.has_value(); }));
  EXPECT_EQ(pair.client_told.closed->code, ErrorCode::Io);
  EXPECT_EQ(
      pair.client_told.closed->message,
      "127.0.0.1:9 refused the association: nobody listens there, or there is no room for more");
  EXPECT_FALSE(pair.client_told.connected);
}

TEST(KernelAssociationTest, SaysThatThereIsNoWayThere) {
  KernelPair pair;

  auto client = pair.client_transport->connect({{IpEndpoint::v4({192, 0, 2, 1}, 9)}});
  ASSERT_TRUE(client.has_value()) << client.error().message;
  (*client)->set_observer(&pair.client_told);

  ASSERT_TRUE(pair.run_until([&] { return pair.client_told.closed.has_value(); }));
  EXPECT_EQ(pair.client_told.closed->code, ErrorCode::Io);
  EXPECT_THAT(pair.client_told.closed->message,
              AllOf(HasSubstr("192.0.2.1:9 cannot be reached"), HasSubstr("unreachable")));
}

TEST(KernelAssociationTest, RefusesImpossibleMessages) {
  KernelPair pair;
  ASSERT_TRUE(pair.connect());
  Association& client = *pair.client;

  const auto code = [&](Message message, const SendOptions& options = {}) {
    const auto result = client.send(std::move(message), options);
    return result ? std::nullopt : std::optional(result.error().code);
  };

  EXPECT_EQ(code(message_of(0, {})), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(message_of(client.outgoing_streams(), patterned(1, 1))),
            ErrorCode::InvalidArgument);
  EXPECT_EQ(code(message_of(0, Bytes(client.max_message_bytes() + 1))), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(message_of(0, patterned(1, 1)), {.lifetime = 0ms}), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(message_of(0, patterned(1, 1)), {.lifetime = 1ms, .max_retransmissions = 1}),
            ErrorCode::InvalidArgument);
  EXPECT_FALSE(code(message_of(0, patterned(client.max_message_bytes(), 1))).has_value());
}

TEST(KernelAssociationTest, MayBeDestroyedFromItsOwnCallback) {
  KernelPair pair;
  ASSERT_TRUE(pair.connect());
  bool destroyed = false;
  pair.server_told.on_each_message = [&](const Message&) {
    pair.server.reset();
    destroyed = true;
  };

  for (uint32_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(pair.client->send(message_of(1, patterned(10, i)), {}));
  }

  ASSERT_TRUE(pair.run_until([&] { return pair.client_told.closed.has_value(); }));
  EXPECT_TRUE(destroyed);
  EXPECT_EQ(pair.server_told.messages.size(), 1U);
}

TEST(KernelAssociationTest, EventsWaitForAnObserver) {
  KernelPair pair;
  ASSERT_TRUE(pair.connect());
  pair.server->set_observer(nullptr);

  ASSERT_TRUE(pair.client->send(message_of(1, patterned(10, 1)), {}));
  pair.run_for(100ms);
  EXPECT_TRUE(pair.server_told.messages.empty());
  pair.server->set_observer(&pair.server_told);

  EXPECT_TRUE(pair.run_until([&] { return pair.server_told.messages.size() == 1; }));
}

}  // namespace
}  // namespace mayfly
