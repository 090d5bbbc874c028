#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/transport_sctp/exchange.h"

namespace mayfly::sctp {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

LinkModel link_that(std::vector<bool> loses, Duration delay = 20ms) {
  LinkModel model;
  model.delay = delay;
  model.loss = PatternLoss{std::move(loses)};
  return model;
}

LinkModel clean(Duration delay = 20ms) { return link_that({false}, delay); }

// Lets the round trip be known well.
void warm_up(Exchange& exchange) {
  for (uint64_t i = 0; i < 40; ++i) {
    ASSERT_TRUE(exchange.send(1000 + i, 100));
    exchange.run_for(50ms);
  }
  ASSERT_THAT(exchange.arrivals(), SizeIs(40));
}

TEST(SenderTest, SendsALostTailAgainAfterLittleMoreThanARoundTrip) {
  Exchange exchange({.data = clean(), .acks = clean()});
  ASSERT_NO_FATAL_FAILURE(warm_up(exchange));
  exchange.set_links(link_that({true, false, false, false}), clean());

  ASSERT_TRUE(exchange.send(1, 100));
  exchange.run_for(1s);

  // Lost, missed 41 ms later, and 20 ms under way.
  ASSERT_THAT(exchange.arrivals(), SizeIs(41));
  EXPECT_EQ(exchange.sender().stats().chunks_retransmitted, 1U);
  EXPECT_EQ(exchange.sender().stats().timeouts, 0U);
}

TEST(SenderTest, SendsWhatWasOvertakenAgainAfterOneRoundTrip) {
  Exchange exchange({.data = clean(), .acks = clean()});
  ASSERT_NO_FATAL_FAILURE(warm_up(exchange));
  std::vector<bool> first_of_many(30, false);
  first_of_many.front() = true;
  exchange.set_links(link_that(first_of_many), clean());
  const Timestamp sent = exchange.simulation().now();

  for (uint64_t i = 0; i < 5; ++i) ASSERT_TRUE(exchange.send(i, 1200, {.ordered = false}));
  exchange.run_for(1s);

  ASSERT_THAT(exchange.arrivals(), SizeIs(45));
  EXPECT_EQ(exchange.arrivals().back().number, 0U);
  EXPECT_EQ(exchange.arrivals().back().at - sent, 60ms);
}

TEST(SenderTest, KeepsMeasuringWhenMeasuredMessagesAreGivenUp) {
  // The fault of the kernel and of usrsctp that froze their timers: here nothing hangs on a chunk.
  Exchange exchange({.data = clean(), .acks = clean()});
  ASSERT_NO_FATAL_FAILURE(warm_up(exchange));
  LinkModel slow = clean(100ms);
  slow.loss = BernoulliLoss{0.3};
  exchange.set_links(slow, clean(100ms));

  for (uint64_t i = 0; i < 400; ++i) {
    ASSERT_TRUE(exchange.send(i, 1000, {.ordered = false, .lifetime = 30ms}));
    exchange.run_for(20ms);
  }

  EXPECT_NEAR(to_milliseconds(exchange.sender().path(0).rtt.smoothed()), 200, 5);
}

TEST(SenderTest, NeverSendsWhatExpiredBetweenItsFragments) {
  Exchange::Setup setup{.data = clean(), .acks = clean()};
  setup.data.capacity = DataRate::bits_per_second(1'000'000);
  setup.sender.congestion = fixed_window(2);
  Exchange exchange(setup);
  const Timestamp start = exchange.simulation().now();
  exchange.on_chunk = [&](const ChunkToSend& chunk) {
    if (chunk.fragment.message->id == MessageId(1)) {
      EXPECT_LT(exchange.simulation().now() - start, 200ms);
    }
  };

  ASSERT_TRUE(exchange.send(1, 100'000, {.ordered = true, .lifetime = 200ms}));
  ASSERT_TRUE(exchange.send(2, 1000));
  exchange.run_for(2s);

  EXPECT_THAT(exchange.fates(),
              ElementsAre(MessageFate{MessageId(1), StreamId(1), Fate::AbandonedSent, 100'000},
                          MessageFate{MessageId(2), StreamId(1), Fate::Delivered, 1000}));
  // The ordered message behind it was not held up, although all that was sent of the first arrived.
  ASSERT_THAT(exchange.arrivals(), SizeIs(1));
  EXPECT_EQ(exchange.arrivals().front().number, 2U);
  EXPECT_EQ(exchange.receiver().reassembly().charged_bytes(), 0U);
}

TEST(SenderTest, AbandonsAfterSoManyRetransmissions) {
  for (uint32_t limit = 0; limit < 3; ++limit) {
    Exchange exchange({.data = clean(), .acks = clean()});
    ASSERT_NO_FATAL_FAILURE(warm_up(exchange));
    int transmissions = 0;
    exchange.on_chunk = [&](const ChunkToSend& chunk) {
      if (chunk.fragment.message->id == MessageId(1)) ++transmissions;
    };
    exchange.set_links(link_that({true}), clean());
    ASSERT_TRUE(exchange.send(1, 100, {.max_retransmissions = limit}));
    exchange.run_for(2s);
    exchange.set_links(clean(), clean());
    ASSERT_TRUE(exchange.send(2, 100));
    exchange.run_for(2s);

    EXPECT_EQ(transmissions, static_cast<int>(limit) + 1);
    EXPECT_EQ(exchange.arrivals().back().number, 2U);
    EXPECT_TRUE(exchange.sender().is_idle());
  }
}

TEST(SenderTest, DoesNotMistakeReorderingForLossForLong) {
  LinkModel jittery = clean(20ms);
  jittery.jitter = 30ms;
  jittery.reorder = true;
  Exchange exchange({.data = jittery, .acks = jittery, .seed = 5});

  uint64_t sent = 0;
  for (int frame = 0; frame < 900; ++frame) {  // 30 s
    for (int i = 0; i < 8; ++i) ASSERT_TRUE(exchange.send(sent++, 1200, {.ordered = false}));
    exchange.run_for(33ms);
  }
  exchange.run_for(1s);

  EXPECT_THAT(exchange.arrivals(), SizeIs(sent));
  // Nothing was lost: all that was sent again was in vain. A storm would be a good part of all;
  // what is allowed is what is learned from: a frame or two each time the memory of 10 s is
  // renewed.
  EXPECT_LT(exchange.sender().stats().chunks_retransmitted, sent / 100);
}

TEST(SenderTest, StrictlyPrefersWhatIsUrgentAlsoInTheMiddleOfALargeMessage) {
  Exchange::Setup setup{.data = clean(), .acks = clean()};
  setup.interleaving = true;
  setup.sender.congestion = fixed_window(4);
  Exchange exchange(setup);
  std::vector<uint64_t> order;
  exchange.on_chunk = [&](const ChunkToSend& chunk) {
    const uint64_t id = chunk.fragment.message->id.value();
    if (order.empty() || order.back() != id) order.push_back(id);
  };

  ASSERT_TRUE(exchange.send(1, 100'000, {.priority = 5}, StreamId(1)));
  exchange.run_for(100ms);
  ASSERT_TRUE(exchange.send(2, 10'000, {.priority = 1}, StreamId(2)));
  exchange.run_for(5s);

  EXPECT_THAT(order, ElementsAre(1, 2, 1));
  ASSERT_THAT(exchange.arrivals(), SizeIs(2));
  EXPECT_EQ(exchange.arrivals().front().number, 2U);
  EXPECT_TRUE(exchange.arrivals().back().intact);
}

// A sender by itself, whose peer is played by hand.
class SenderAlone : public ::testing::Test {
 protected:
  SenderAlone() {
    (void)sender_.add_path();
    (void)sender_.add_path();
    sender_.connected({.a_rwnd = 1 << 30, .forward_tsn = true, .interleaving = false});
  }
  void push(uint64_t number, size_t bytes, SendOptions options = {}) {
    options.id = MessageId(number);
    (void)sender_.push({StreamId(1), Ppid(1), Bytes(bytes)}, options, now_);
  }
  void acknowledge(uint32_t cumulative, std::vector<GapAckBlock> gaps = {}) {
    EXPECT_EQ(sender_.on_sack({.cumulative_tsn = Tsn(cumulative),
                               .a_rwnd = 1 << 30,
                               .gap_blocks = gaps,
                               .duplicates = {}},
                              now_),
              Sender::Verdict::Taken);
  }

  static constexpr size_t kQueueBytes = 100'000;
  static constexpr size_t kPacketRoom = 1240;
  Sender sender_{
      {.outbox = {.limit_bytes = kQueueBytes, .low_bytes = 1000}, .congestion = boundless_window()},
      Tsn(1)};
  Timestamp now_{1s};
};

TEST_F(SenderAlone, KeepsNoMoreThanMayWaitForAPeerThatAcknowledgesAllButTheFirst) {
  for (uint64_t i = 0; i < 500; ++i, now_ += 1ms) {
    push(i, 1000);
    while (sender_.next_chunk(0, now_, kPacketRoom)) {
    }
    const auto sent = static_cast<uint16_t>(sender_.outstanding().chunks());
    if (sent > 1) acknowledge(0, {{2, sent}});
    ASSERT_LE(sender_.outstanding().held_payload(), kQueueBytes);
  }
  EXPECT_EQ(sender_.outstanding().chunks(), 100U);
  EXPECT_GE(sender_.buffered_bytes(), kQueueBytes);

  acknowledge(100);

  EXPECT_EQ(sender_.outstanding().held_payload(), 0U);
  EXPECT_TRUE(sender_.next_chunk(0, now_, kPacketRoom));
}

TEST_F(SenderAlone, TellsTheUrgentEvenWhenItCameAfterTheOneThatDidNotFit) {
  push(1, 800, {.ordered = false, .priority = 5});
  push(2, 800, {.ordered = false, .priority = 5});
  ASSERT_TRUE(sender_.next_chunk(0, now_, kPacketRoom));
  ASSERT_FALSE(sender_.next_chunk(0, now_, kPacketRoom - 816));
  push(3, 800, {.ordered = false, .priority = 1});

  const auto next = sender_.next_chunk(0, now_, kPacketRoom);

  ASSERT_TRUE(next);
  EXPECT_EQ(next->fragment.message->id, MessageId(3));
}

TEST_F(SenderAlone, GivesUpUnsentWhatDidNotFit) {
  push(1, 800);
  push(2, 800);
  ASSERT_TRUE(sender_.next_chunk(0, now_, kPacketRoom));
  ASSERT_FALSE(sender_.next_chunk(0, now_, kPacketRoom - 816));

  sender_.abandon(MessageId(2));

  EXPECT_FALSE(sender_.next_chunk(0, now_, kPacketRoom));
  EXPECT_THAT(sender_.take_fates(),
              ElementsAre(MessageFate{MessageId(2), StreamId(1), Fate::AbandonedUnsent, 0}));
}

TEST_F(SenderAlone, HearsFromThePathOnWhichWentWhatIsAcknowledged) {  // RFC 9260 8.2
  push(1, 1000);
  push(2, 1000);
  ASSERT_TRUE(sender_.next_chunk(0, now_, kPacketRoom));
  ASSERT_TRUE(sender_.next_chunk(1, now_, kPacketRoom));
  now_ += 20ms;

  acknowledge(0, {{2, 2}});
  EXPECT_EQ(sender_.take_heard(), 2U);
  EXPECT_EQ(sender_.take_heard(), 0U);
  acknowledge(1);
  EXPECT_EQ(sender_.take_heard(), 1U);
}

}  // namespace
}  // namespace mayfly::sctp
