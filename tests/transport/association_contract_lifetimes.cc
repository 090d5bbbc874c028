#include <gmock/gmock.h>

#include <set>

#include "tests/transport/association_contract.h"

namespace mayfly {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST_P(AssociationContract, AbandonsUnsentWhatTheLinkIsTooSlowFor) {
  ASSERT_NO_FATAL_FAILURE(connect());
  if (!set_link({.rate = DataRate::bits_per_second(800'000)})) GTEST_SKIP() << "no slow link here";
  constexpr uint64_t kMessages = 200;  // 2 s at the rate
  for (uint64_t i = 0; i < kMessages; ++i) {
    ASSERT_TRUE(send(i, 1000, {.ordered = false, .lifetime = 300ms}));
  }

  run_for(5s);

  const auto received = numbers_of(server_.recorder.messages);
  EXPECT_GT(received.size(), 10U);
  EXPECT_LT(received.size(), 100U);
  EXPECT_GT(client_.recorder.count_abandoned(Abandonment::Unsent), 100U);
  std::set<uint64_t> told;
  for (const auto& [number, what] : client_.recorder.abandoned) {
    EXPECT_TRUE(told.insert(number).second) << number << " told twice";
    if (what == Abandonment::Unsent) {
      EXPECT_THAT(received, Not(Contains(number)));
    }
  }
  for (uint64_t i = 0; i < kMessages; ++i) {
    EXPECT_TRUE(told.contains(i) || server_.recorder.has_received(i)) << i << " is unaccounted for";
  }
  const StreamStats stats = client_.association->stats().streams.at(StreamId(1));
  EXPECT_EQ(stats.messages_sent, kMessages);
  EXPECT_EQ(stats.abandoned_unsent, client_.recorder.count_abandoned(Abandonment::Unsent));
  EXPECT_EQ(client_.association->stats().queued_bytes, 0U);
  // What waits in front of the stack and expires there is no failure of the stack's.
  const size_t failed = client_.recorder.count_events(TransportEventKind::MessageSendFailed);
  EXPECT_LT(failed, told.size());
  EXPECT_EQ(client_.association->stats().events.of(TransportEventKind::MessageSendFailed), failed);
}

TEST_P(AssociationContract, ExpiresWhileItWaitsForTheConnection) {
  ASSERT_NO_FATAL_FAILURE(listen());
  if (!set_link({.cut = true})) GTEST_SKIP() << "no link to cut here";
  ASSERT_NO_FATAL_FAILURE(begin());
  ASSERT_TRUE(send(1, 1000, {.lifetime = 200ms}));
  ASSERT_TRUE(send(2, 1000));
  run_for(1s);
  EXPECT_THAT(client_.recorder.abandoned, ElementsAre(std::pair(1, Abandonment::Unsent)));
  ASSERT_TRUE(set_link({}));

  ASSERT_TRUE(run_until([&] { return !server_.recorder.messages.empty(); }));
  EXPECT_THAT(numbers_of(server_.recorder.messages), ElementsAre(2));
}

TEST_P(AssociationContract, GivesUpSentMessagesWhoseLifetimeEndsWhileReliableOnesGetThrough) {
  ASSERT_NO_FATAL_FAILURE(connect());
  if (!set_link({.loss = 0.25})) GTEST_SKIP() << "no lossy link here";
  constexpr uint64_t kMessages = 400;
  for (uint64_t i = 0; i < kMessages; ++i) {
    const bool reliable = i % 4 == 0;
    SendOptions options{.ordered = false};
    if (!reliable) options.lifetime = 60ms;
    ASSERT_TRUE(send(i, 1000, options, StreamId(reliable ? 1 : 2)));
    run_for(20ms);
  }

  ASSERT_TRUE(run_until([&] { return client_.association->buffered_bytes() == 0; }, 60s));
  run_for(1s);

  std::set<uint64_t> told;
  for (const auto& [number, what] : client_.recorder.abandoned) {
    EXPECT_TRUE(told.insert(number).second) << number << " told twice";
    EXPECT_NE(number % 4, 0U) << "a reliable message was given up";
  }
  size_t missing = 0;
  for (uint64_t i = 0; i < kMessages; ++i) {
    if (server_.recorder.has_received(i)) continue;
    ++missing;
    EXPECT_NE(i % 4, 0U) << "a reliable message is missing";
    if (environment_->tells_of_abandoned_after_sending()) {
      EXPECT_TRUE(told.contains(i)) << i << " is unaccounted for";
    }
  }
  // Three tries fit into the lifetime, so even with ideal recovery .25^3 of the 300 are
  // missing: 4.7, and fewer than one in e^-4.7 of all runs.
  EXPECT_GT(missing, 0U);
  const StreamStats stats = client_.association->stats().streams.at(StreamId(2));
  EXPECT_GE(stats.abandoned_sent + stats.abandoned_unsent, missing);
  EXPECT_GT(stats.abandoned_sent, 0U);
}

TEST_P(AssociationContract, SendsOnceWithARetransmissionLimitOfZero) {
  ASSERT_NO_FATAL_FAILURE(connect());
  if (!set_link({.loss = 0.2})) GTEST_SKIP() << "no lossy link here";
  constexpr uint64_t kMessages = 300;
  for (uint64_t i = 0; i < kMessages; ++i) {
    ASSERT_TRUE(send(i, 1000, {.ordered = false, .max_retransmissions = 0}));
    run_for(10ms);
  }
  ASSERT_TRUE(run_until([&] { return client_.association->buffered_bytes() == 0; }, 60s));
  run_for(1s);

  const size_t missing = kMessages - server_.recorder.messages.size();
  EXPECT_GT(missing, 20U);
  EXPECT_LT(missing, 120U);
  const StreamStats stats = client_.association->stats().streams.at(StreamId(1));
  EXPECT_GE(stats.abandoned_sent, missing);
}

TEST_P(AssociationContract, GivesUpWhatStillWaitsWhenAskedTo) {
  ASSERT_NO_FATAL_FAILURE(connect());
  if (!set_link({.rate = DataRate::bits_per_second(1'000'000)})) {
    GTEST_SKIP() << "no slow link here";
  }
  for (uint64_t i = 0; i < 100; ++i) ASSERT_TRUE(send(i, 1000));
  for (int k = 0; k < 3; ++k) ASSERT_TRUE(send(1000, 1000));
  for (uint64_t i = 100; i < 120; ++i) ASSERT_TRUE(send(i, 1000));
  run_for(50ms);

  client_.recorder.inside_call = true;
  client_.association->abandon(MessageId(1000));
  client_.association->abandon(MessageId(4711));
  client_.recorder.inside_call = false;

  ASSERT_TRUE(run_until([&] { return server_.recorder.messages.size() == 120; }));
  EXPECT_THAT(client_.recorder.abandoned, SizeIs(3));
  EXPECT_THAT(client_.recorder.abandoned, Contains(std::pair(1000, Abandonment::Unsent)).Times(3));
  EXPECT_THAT(numbers_of(server_.recorder.messages), Not(Contains(1000)));
}

TEST_P(AssociationContract, LetsUrgentMessagesOvertake) {
  ASSERT_NO_FATAL_FAILURE(connect());
  if (!set_link({.rate = DataRate::bits_per_second(1'000'000)})) {
    GTEST_SKIP() << "no slow link here";
  }
  for (uint64_t i = 0; i < 200; ++i) {
    ASSERT_TRUE(send(i, 1000, {.ordered = false, .priority = 5}, StreamId(2)));
  }
  run_for(200ms);
  ASSERT_TRUE(send(900, 1000, {.ordered = false, .priority = 0}, StreamId(1)));

  ASSERT_TRUE(run_until([&] { return server_.recorder.has_received(900); }));

  // All but what was under way or in the stack's small backlog.
  EXPECT_LT(server_.recorder.messages.size(), 100U);
}

TEST_P(AssociationContract, GivesUpTheLeastImportantWhenTheBufferIsFull) {
  TransportOptions options;
  options.send_queue_bytes = 100'000;
  ASSERT_NO_FATAL_FAILURE(connect(options));
  if (!set_link({.rate = DataRate::bits_per_second(1'000'000)})) {
    GTEST_SKIP() << "no slow link here";
  }
  const auto with = [](uint32_t discard_priority) {
    return SendOptions{.ordered = false, .discard_priority = discard_priority};
  };
  const size_t room = client_.association->send_buffer_room(with(3));
  uint64_t next = 0;
  while (send(next, 1000, with(9), StreamId(2))) ++next;  // what counts least fills the buffer
  EXPECT_LT(client_.association->send_buffer_free(), 1000U);
  EXPECT_GE(client_.association->send_buffer_room(with(3)), room / 2);
  EXPECT_FALSE(send(9000, 1000, with(9), StreamId(2)));

  client_.recorder.inside_call = true;
  for (uint64_t i = 1000; i < 1030; ++i) ASSERT_TRUE(send(i, 1000, with(3), StreamId(3)));
  for (uint64_t i = 2000; i < 2030; ++i) ASSERT_TRUE(send(i, 1000, {.ordered = false}));
  client_.recorder.inside_call = false;

  ASSERT_TRUE(run_until([&] { return client_.association->buffered_bytes() == 0; }, 20s));
  run_for(500ms);
  EXPECT_GE(client_.recorder.count_abandoned(Abandonment::Unsent), 50U);
  for (const auto& [number, what] : client_.recorder.abandoned) {
    EXPECT_LT(number, next) << "something more important was given up";
  }
  for (uint64_t i = 1000; i < 1030; ++i) EXPECT_TRUE(server_.recorder.has_received(i)) << i;
  for (uint64_t i = 2000; i < 2030; ++i) EXPECT_TRUE(server_.recorder.has_received(i)) << i;
}

TEST_P(AssociationContract, TellsOnceOfALargeMessageThatWasGivenUp) {
  ASSERT_NO_FATAL_FAILURE(connect());
  if (!set_link({.loss = 0.1, .rate = DataRate::bits_per_second(2'000'000)})) {
    GTEST_SKIP() << "no lossy link here";
  }
  for (uint64_t i = 0; i < 60; ++i) {
    ASSERT_TRUE(send(i, 20'000, {.ordered = true, .lifetime = 400ms}));
    run_for(50ms);
  }
  run_for(5s);

  EXPECT_THAT(client_.recorder.abandoned, Not(IsEmpty()));
  std::set<uint64_t> told;
  for (const auto& [number, what] : client_.recorder.abandoned) {
    EXPECT_TRUE(told.insert(number).second) << number << " told twice";
  }
  const auto received = numbers_of(server_.recorder.messages);
  EXPECT_TRUE(std::is_sorted(received.begin(), received.end()));
}

TEST_P(AssociationContract, AccountsForEveryMessageWhenItEnds) {
  ASSERT_NO_FATAL_FAILURE(connect());
  if (!set_link({.rate = DataRate::bits_per_second(500'000)})) GTEST_SKIP() << "no slow link here";
  for (uint64_t i = 0; i < 200; ++i) ASSERT_TRUE(send(i, 1000));
  run_for(500ms);

  client_.association->abort("enough");

  ASSERT_TRUE(run_until([&] { return client_.recorder.closed.has_value(); }));
  EXPECT_GE(client_.recorder.count_abandoned(Abandonment::Unsent), 100U);
  std::set<uint64_t> told;
  for (const auto& [number, what] : client_.recorder.abandoned) {
    EXPECT_TRUE(told.insert(number).second) << number << " told twice";
  }
}

}  // namespace mayfly
