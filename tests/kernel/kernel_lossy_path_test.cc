#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/kernel/kernel_pair.h"
#include "tests/kernel/network_namespaces.h"

namespace mayfly {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Pair;
using ::testing::SizeIs;

class KernelLossyPathTest : public ::testing::Test {
 protected:
  // Over the first cable, or over both.
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

  void SetUp() override {
    hosts.impair(0, {});
    hosts.impair(1, {});
  }

  TwoHosts& hosts = TwoHosts::get();
};

MessageId id_of(const Message& message) {
  ByteReader reader(message.payload);
  return MessageId(reader.u32());
}

Message numbered(uint16_t stream, uint32_t number, size_t bytes = 1100) {
  Bytes payload;
  ByteWriter writer(payload);
  writer.u32(number);
  payload.resize(bytes);
  return message_of(stream, std::move(payload));
}

// 2 s of a reliable and an expiring stream, unordered, at a rate that fits in spite of the loss:
// what is reliable arrives, and of the rest every message is delivered or counted as abandoned.
TEST_F(KernelLossyPathTest, LifetimesExpireAndReliableMessagesArrive) {
  KernelPair pair;
  ASSERT_TRUE(connect(pair));
  hosts.impair(0, {.delay = "30ms", .loss = "10%"});

  constexpr uint32_t kRounds = 100;
  for (uint32_t i = 0; i < kRounds; ++i) {
    ASSERT_TRUE(pair.client->send(numbered(1, i), {.ordered = false, .id = MessageId(i)}));
    ASSERT_TRUE(pair.client->send(
        numbered(2, 1000 + i),
        {.ordered = false, .lifetime = 40ms, .priority = 1, .id = MessageId(1000 + i)}));
    pair.run_for(20ms);
  }
  const auto reliable_arrived = [&] {
    return std::count_if(pair.server_told.messages.begin(), pair.server_told.messages.end(),
                         [](const Message& each) { return each.stream == StreamId(1); }) == kRounds;
  };
  ASSERT_TRUE(pair.run_until(reliable_arrived, 15s));
  ASSERT_TRUE(pair.run_until([&] { return pair.client->buffered_bytes() == 0; }, 5s));
  pair.run_for(100ms);

  std::set<MessageId> told;
  for (const auto& [id, what] : pair.client_told.abandoned) {
    EXPECT_TRUE(told.insert(id).second) << "told twice: " << id.value();
    EXPECT_GE(id, MessageId(1000)) << "a reliable message was abandoned";
  }
  std::set<MessageId> arrived;
  for (const Message& each : pair.server_told.messages) {
    EXPECT_TRUE(arrived.insert(id_of(each)).second) << "arrived twice";
    EXPECT_FALSE(told.contains(id_of(each))) << "abandoned unsent, and arrived";
  }
  const auto counters = pair.client->stats().streams[StreamId(2)];
  const size_t expiring_arrived = arrived.size() - kRounds;
  EXPECT_EQ(counters.abandoned_unsent, told.size());
  // A tenth of what was sent is lost and a round trip is longer than the lifetime.
  EXPECT_GT(counters.abandoned_sent, 0U);
  EXPECT_LT(expiring_arrived, kRounds);
  EXPECT_GE(expiring_arrived + counters.abandoned_unsent + counters.abandoned_sent, kRounds);
}

TEST_F(KernelLossyPathTest, MessagesThatNeverGetOutAreToldOnceAsUnsent) {
  KernelPair pair;
  ASSERT_TRUE(connect(pair));
  hosts.impair(0, {.loss = "100%"});

  // 100 kB against a congestion window of a few packets.
  constexpr uint32_t kMessages = 100;
  for (uint32_t i = 0; i < kMessages; ++i) {
    ASSERT_TRUE(pair.client->send(numbered(1, i),
                                  {.ordered = false, .lifetime = 200ms, .id = MessageId(i)}));
  }
  pair.run_for(600ms);
  const auto unsent = pair.client_told.abandoned;
  hosts.impair(0, {});
  ASSERT_TRUE(pair.run_until([&] { return pair.client->buffered_bytes() == 0; }, 5s));

  EXPECT_THAT(unsent.size(), AllOf(Ge(80U), Le(kMessages)));
  EXPECT_THAT(unsent, Each(Pair(testing::_, Abandonment::Unsent)));
  std::set<MessageId> ids;
  for (const auto& each : unsent) ids.insert(each.first);
  EXPECT_EQ(ids.size(), unsent.size());
}

TEST_F(KernelLossyPathTest, UrgentMessagesOvertakeWhatWaits) {
  KernelPair pair;
  ASSERT_TRUE(connect(pair));
  hosts.impair(0, {.loss = "100%"});

  for (uint32_t i = 0; i < 200; ++i) {
    ASSERT_TRUE(pair.client->send(numbered(2, i), {.ordered = false, .priority = 5}));
  }
  ASSERT_TRUE(pair.client->send(numbered(1, 900), {.ordered = false, .priority = 0}));
  hosts.impair(0, {});

  const auto place_of_urgent = [&] {
    const auto& messages = pair.server_told.messages;
    return std::find_if(messages.begin(), messages.end(),
                        [](const Message& each) { return each.stream == StreamId(1); }) -
           messages.begin();
  };
  ASSERT_TRUE(pair.run_until([&] { return pair.server_told.messages.size() == 201; }, 20s));
  // Behind what was on the wire and in the kernel's small backlog: some 4 and 6 packets.
  EXPECT_LT(place_of_urgent(), 20);
}

TEST_F(KernelLossyPathTest, GivesUpWhatWaitsWhenAskedToAndTheRestWhenItEnds) {
  KernelPair pair;
  ASSERT_TRUE(connect(pair));
  hosts.impair(0, {.loss = "100%"});
  for (uint32_t i = 0; i < 200; ++i) {
    ASSERT_TRUE(pair.client->send(numbered(1, i), {.id = MessageId(i / 100)}));
  }

  pair.client->abandon(MessageId(1));
  ASSERT_TRUE(pair.client_told.abandoned.empty()) << "called back from inside a call";
  ASSERT_TRUE(pair.run_until([&] { return !pair.client_told.abandoned.empty(); }));
  EXPECT_THAT(pair.client_told.abandoned,
              AllOf(SizeIs(100), Each(Pair(MessageId(1), Abandonment::Unsent))));
  pair.client->abort("enough");

  ASSERT_TRUE(pair.run_until([&] { return pair.client_told.closed.has_value(); }));
  EXPECT_THAT(pair.client_told.abandoned.size(), AllOf(Ge(180U), Le(200U)));
}

TEST_F(KernelLossyPathTest, MegabytesSurviveLoss) {
  KernelPair pair;
  ASSERT_TRUE(connect(pair));
  hosts.impair(0, {.delay = "2ms", .loss = "1%"});

  ASSERT_TRUE(pair.client->send(message_of(1, patterned(1'000'000, 1)), {}));
  ASSERT_TRUE(pair.client->send(message_of(2, patterned(1'000'000, 2)), {.ordered = false}));

  ASSERT_TRUE(pair.run_until([&] { return pair.server_told.messages.size() == 2; }, 30s));
  for (const Message& each : pair.server_told.messages) {
    EXPECT_EQ(each.payload, patterned(1'000'000, each.stream.value()));
  }
  EXPECT_GT(pair.client->stats().chunks_retransmitted, 0U);
}

TEST_F(KernelLossyPathTest, InterleavesPartialDeliveriesOfSeveralStreams) {
  const auto set_interleaving = [this](const std::string& value) {
    const auto set = [&] { TwoHosts::set_sysctl("sctp/intl_enable", value); };
    hosts.on_client(set);
    hosts.on_server(set);
  };
  set_interleaving("1");
  KernelPair pair({}, {.message_interleaving = true});
  const bool connected = connect(pair);
  set_interleaving("0");
  ASSERT_TRUE(connected);
  hosts.impair(0, {.delay = "2ms", .loss = "0.5%"});

  for (uint16_t stream = 1; stream <= 4; ++stream) {
    ASSERT_TRUE(pair.client->send(message_of(stream, patterned(500'000, stream)),
                                  {.ordered = stream % 2 == 0}));
  }

  ASSERT_TRUE(pair.run_until([&] { return pair.server_told.messages.size() == 4; }, 30s));
  for (const Message& each : pair.server_told.messages) {
    EXPECT_EQ(each.payload, patterned(500'000, each.stream.value()));
  }
}

TEST_F(KernelLossyPathTest, StatisticsTellThePath) {
  hosts.impair(0, {.delay = "30ms"});
  KernelPair pair;
  ASSERT_TRUE(connect(pair));
  for (uint32_t i = 0; i < 30; ++i) {
    ASSERT_TRUE(pair.client->send(numbered(1, i), {}));
    pair.run_for(20ms);
  }

  const AssociationStats stats = pair.client->stats();

  ASSERT_EQ(stats.paths.size(), 1U);
  EXPECT_EQ(stats.paths[0].address, "10.0.0.2:" + std::to_string(pair.listener->local()[0].port));
  EXPECT_TRUE(stats.paths[0].active);
  // 60 ms; the kernel counts in ticks of 10 ms and the guest adds its own.
  EXPECT_THAT(stats.paths[0].smoothed_rtt, AllOf(Ge(50ms), Le(130ms)));
  EXPECT_THAT(stats.paths[0].retransmission_timeout, AllOf(Ge(100ms), Le(400ms)));
  EXPECT_EQ(stats.paths[0].mtu_bytes, 1500U);
  EXPECT_GT(stats.paths[0].congestion_window_bytes, 0U);
  EXPECT_GT(stats.packets_sent, 30U);
  EXPECT_EQ(stats.streams.at(StreamId(1)).messages_sent, 30U);
}

TEST_F(KernelLossyPathTest, AVanishedPeerIsNoticed) {
  TransportOptions options;
  options.max_retransmissions = 4;
  KernelPair pair(options);
  ASSERT_TRUE(connect(pair));
  hosts.impair(0, {.loss = "100%"});

  ASSERT_TRUE(pair.client->send(numbered(1, 1), {}));

  ASSERT_TRUE(pair.run_until([&] { return pair.client_told.closed.has_value(); }, 8s));
  EXPECT_EQ(pair.client_told.closed->code, ErrorCode::Timeout);
  EXPECT_THAT(pair.client_told.closed->message, HasSubstr("does not answer any more"));
  EXPECT_EQ(pair.client_told.abandoned.size(), 1U);
}

TEST_F(KernelLossyPathTest, AServerThatDoesNotAnswerIsToldSoon) {
  hosts.impair(0, {.loss = "100%"});
  TransportOptions options;
  options.max_init_attempts = 3;
  KernelPair pair(options);

  EXPECT_FALSE(connect(pair));

  ASSERT_TRUE(pair.client_told.closed.has_value());
  EXPECT_EQ(pair.client_told.closed->code, ErrorCode::Timeout);
  EXPECT_THAT(pair.client_told.closed->message,
              HasSubstr("does not answer: is the server running"));
}

TEST_F(KernelLossyPathTest, ShutdownGivesUpOnAVanishedPeer) {
  TransportOptions options;
  options.shutdown_limit = 500ms;
  KernelPair pair(options);
  ASSERT_TRUE(connect(pair));
  hosts.impair(0, {.loss = "100%"});

  ASSERT_TRUE(pair.client->send(numbered(1, 1), {}));
  pair.client->shutdown();

  ASSERT_TRUE(pair.run_until([&] { return pair.client_told.closed.has_value(); }, 3s));
  EXPECT_EQ(pair.client_told.closed->code, ErrorCode::Timeout);
}

// The kernel's own limit would be five times rto_max, 2 s.
TEST_F(KernelLossyPathTest, AShutdownOutlastsASilenceThatTheKernelWouldNot) {
  TransportOptions options;
  options.shutdown_limit = 6s;
  KernelPair pair(options);
  ASSERT_TRUE(connect(pair));
  hosts.impair(0, {.loss = "100%"});

  pair.client->shutdown();
  pair.run_for(2500ms);
  hosts.impair(0, {});

  ASSERT_TRUE(pair.run_until([&] { return pair.client_told.closed.has_value(); }, 10s));
  EXPECT_EQ(pair.client_told.closed->code, ErrorCode::Closed) << pair.client_told.closed->message;
}

TEST_F(KernelLossyPathTest, AFailedPathIsLeftWithinASecond) {
  KernelPair pair;
  ASSERT_TRUE(connect(pair, 2));
  ASSERT_EQ(pair.client->stats().paths.size(), 2U);
  for (uint32_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(pair.client->send(numbered(1, i), {}));
    pair.run_for(10ms);
  }

  hosts.impair(0, {.loss = "100%"});
  const Timestamp cut = pair.loop.now();
  for (uint32_t i = 10; i < 20; ++i) ASSERT_TRUE(pair.client->send(numbered(1, i), {}));

  ASSERT_TRUE(pair.run_until([&] { return pair.server_told.messages.size() == 20; }, 5s));
  // 0.2 s by the retransmission timer's floor of 100 ms; the rest is the guest's slowness.
  EXPECT_LT(pair.loop.now() - cut, 1s);
}

}  // namespace
}  // namespace mayfly
