#include "transport/send_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

namespace mayfly {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Timestamp kStart{5s};

Message message_of(size_t bytes, StreamId stream = StreamId(0)) {
  return {stream, Ppid(1), Bytes(bytes, std::byte{0x5a})};
}

SendOptions numbered(uint64_t id) { return {.ordered = false, .id = MessageId(id)}; }

SendOptions numbered(uint64_t id, Priority priority) {
  return {.ordered = false, .priority = priority, .id = MessageId(id)};
}

SendOptions living(uint64_t id, Duration lifetime) {
  return {.ordered = false, .lifetime = lifetime, .id = MessageId(id)};
}

std::vector<uint64_t> drain(SendQueue& queue, Timestamp now) {
  std::vector<uint64_t> ids;
  while (queue.front(now) != nullptr) ids.push_back(queue.pop().options.id.value());
  return ids;
}

std::vector<uint64_t> ids_of(const std::vector<AbandonedMessage>& abandoned) {
  std::vector<uint64_t> ids;
  for (const AbandonedMessage& each : abandoned) ids.push_back(each.id.value());
  return ids;
}

TEST(SendQueueTest, HandsOutByPriorityAndThenByAge) {
  SendQueue queue(1 << 20, 0);
  for (const auto& [id, priority] : {std::pair(1, 2), {2, 0}, {3, 1}, {4, 0}, {5, 2}}) {
    ASSERT_TRUE(queue.push(message_of(10),
                           numbered(static_cast<uint64_t>(id), static_cast<Priority>(priority)),
                           kStart));
  }

  EXPECT_THAT(drain(queue, kStart), ElementsAre(2, 4, 3, 1, 5));
}

TEST(SendQueueTest, TellsWhatIsLeftOfALifetime) {
  SendQueue queue(1 << 20, 0);
  ASSERT_TRUE(queue.push(message_of(10), living(1, 100ms), kStart));

  EXPECT_EQ(queue.front(kStart + 30ms)->options.lifetime, 70ms);
  EXPECT_EQ(queue.front(kStart + 99ms)->options.lifetime, 1ms);
}

TEST(SendQueueTest, AbandonsWhatExpiresAndNeverHandsItOut) {
  SendQueue queue(1 << 20, 0);
  ASSERT_TRUE(queue.push(message_of(10), living(1, 100ms), kStart));
  ASSERT_TRUE(queue.push(message_of(10), living(2, 300ms), kStart));

  EXPECT_THAT(drain(queue, kStart + 100ms), ElementsAre(2));

  EXPECT_THAT(queue.take_abandoned(),
              ElementsAre(AbandonedMessage{MessageId(1), StreamId(0), Abandonment::Unsent}));
  EXPECT_THAT(queue.take_abandoned(), IsEmpty());
}

TEST(SendQueueTest, ExpiresBehindAMessageThatDoesNot) {
  SendQueue queue(1 << 20, 0);
  ASSERT_TRUE(queue.push(message_of(10), numbered(1, 0), kStart));
  ASSERT_TRUE(queue.push(message_of(10), living(2, 50ms), kStart));

  queue.expire(kStart + 60ms);

  EXPECT_THAT(ids_of(queue.take_abandoned()), ElementsAre(2));
  EXPECT_EQ(queue.messages(), 1U);
}

TEST(SendQueueTest, RefusesWhatDoesNotFitAndCountsIt) {
  SendQueue queue(1000, 0);
  ASSERT_TRUE(queue.push(message_of(600), numbered(1), kStart));

  const auto refused = queue.push(message_of(401), numbered(2), kStart);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Exhausted);
  EXPECT_EQ(queue.refused(), 1U);
  EXPECT_TRUE(queue.push(message_of(400), numbered(3), kStart));
  EXPECT_EQ(queue.free_bytes(), 0U);
}

TEST(SendQueueTest, SaysThatAMessageWillNeverFit) {
  SendQueue queue(1000, 0);

  const auto refused = queue.push(message_of(1001), numbered(1), kStart);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(queue.refused(), 0U);
}

TEST(SendQueueTest, TakesEveryPieceOfAFrameThatFitsItsFreeBytes) {
  SendQueue queue(10'001, 0);

  for (size_t sent = 0; sent < 10'001; sent += 1000) {
    EXPECT_TRUE(queue.push(message_of(std::min<size_t>(1000, 10'001 - sent)), numbered(1), kStart));
  }

  EXPECT_EQ(queue.queued_bytes(), 10'001U);
}

TEST(SendQueueTest, BoundsTheNumberOfTinyMessages) {
  SendQueue queue(100 * SendQueue::kMinCharge, 0);

  size_t taken = 0;
  while (queue.push(message_of(1), numbered(taken), kStart)) ++taken;

  EXPECT_EQ(taken, 100U);
}

TEST(SendQueueTest, TellsOnceWhenThereIsRoomForWhatWasRefused) {
  SendQueue queue(3000, 0);
  for (uint64_t id = 0; id < 3; ++id) {
    ASSERT_TRUE(queue.push(message_of(1000), numbered(id), kStart));
  }
  ASSERT_FALSE(queue.push(message_of(1500), numbered(9), kStart));

  ASSERT_NE(queue.front(kStart), nullptr);
  (void)queue.pop();
  EXPECT_FALSE(queue.take_low());
  (void)queue.pop();
  EXPECT_TRUE(queue.take_low());
  EXPECT_FALSE(queue.take_low());
}

TEST(SendQueueTest, TellsWhenItDrainsToItsLowMark) {
  SendQueue queue(10'000, 1000);
  for (uint64_t id = 0; id < 3; ++id) {
    ASSERT_TRUE(queue.push(message_of(700), numbered(id), kStart));
  }

  (void)queue.pop();
  EXPECT_FALSE(queue.take_low());
  (void)queue.pop();
  EXPECT_TRUE(queue.take_low());
  (void)queue.pop();
  EXPECT_FALSE(queue.take_low());
}

TEST(SendQueueTest, ExpiryMakesRoomToo) {
  SendQueue queue(1000, 0);
  ASSERT_TRUE(queue.push(message_of(1000), living(1, 10ms), kStart));
  ASSERT_FALSE(queue.push(message_of(1000), numbered(2), kStart));

  queue.expire(kStart + 10ms);

  EXPECT_TRUE(queue.take_low());
  EXPECT_TRUE(queue.push(message_of(1000), numbered(2), kStart));
}

TEST(SendQueueTest, AbandonsEveryMessageOfAnIdAndNoOther) {
  SendQueue queue(1 << 20, 0);
  for (const uint64_t id : {1U, 2U, 1U, 3U, 1U}) {
    ASSERT_TRUE(queue.push(message_of(10), numbered(id), kStart));
  }

  queue.abandon(MessageId(1));
  queue.abandon(MessageId(77));

  EXPECT_THAT(ids_of(queue.take_abandoned()), ElementsAre(1, 1, 1));
  EXPECT_THAT(drain(queue, kStart), ElementsAre(2, 3));
}

TEST(SendQueueTest, AnUrgentOrderedMessageWaitsForTheOneBeforeItOnItsStream) {
  SendQueue queue(1 << 20, 0);
  const auto ordered = [](uint64_t id, Priority priority) {
    return SendOptions{.ordered = true, .priority = priority, .id = MessageId(id)};
  };
  ASSERT_TRUE(queue.push(message_of(10, StreamId(1)), ordered(1, 5), kStart));
  ASSERT_TRUE(queue.push(message_of(10, StreamId(1)), ordered(2, 0), kStart));
  ASSERT_TRUE(queue.push(message_of(10, StreamId(2)), ordered(3, 0), kStart));
  ASSERT_TRUE(queue.push(message_of(10, StreamId(1)), numbered(4, 0), kStart));

  EXPECT_THAT(drain(queue, kStart), ElementsAre(3, 4, 1, 2));
}

SendOptions discardable(uint64_t id, uint32_t discard_priority) {
  return {.ordered = false, .discard_priority = discard_priority, .id = MessageId(id)};
}

TEST(SendQueueTest, DiscardsTheLeastImportantToMakeRoomTheOldestOfThemFirst) {
  SendQueue queue(4000, 0);
  for (const auto& [id, priority] : {std::pair(1U, 2U), {2U, 9U}, {3U, 9U}, {4U, 5U}}) {
    ASSERT_TRUE(queue.push(message_of(1000), discardable(id, priority), kStart));
  }

  ASSERT_TRUE(queue.push(message_of(1000), discardable(5, 3), kStart));
  EXPECT_THAT(ids_of(queue.take_abandoned()), ElementsAre(2));
  ASSERT_TRUE(queue.push(message_of(2000), discardable(6, 3), kStart));
  EXPECT_THAT(ids_of(queue.take_abandoned()), ElementsAre(3, 4));

  EXPECT_THAT(drain(queue, kStart), ElementsAre(1, 5, 6));
}

TEST(SendQueueTest, DiscardsNothingForWhatCountsNoMore) {
  SendQueue queue(2000, 0);
  ASSERT_TRUE(queue.push(message_of(1000), discardable(1, 4), kStart));
  ASSERT_TRUE(queue.push(message_of(1000), discardable(2, 5), kStart));

  EXPECT_FALSE(queue.push(message_of(1000), discardable(3, 5), kStart));
  EXPECT_FALSE(queue.push(message_of(1000), discardable(4, 6), kStart));

  EXPECT_THAT(queue.take_abandoned(), IsEmpty());
  EXPECT_EQ(queue.refused(), 2U);
}

// Half a sacrifice would help nobody.
TEST(SendQueueTest, DiscardsNothingWhenThatWouldNotMakeRoomEnough) {
  SendQueue queue(3000, 0);
  ASSERT_TRUE(queue.push(message_of(2000), numbered(1), kStart));
  ASSERT_TRUE(queue.push(message_of(1000), discardable(2, 5), kStart));

  EXPECT_FALSE(queue.push(message_of(1001), numbered(3), kStart));

  EXPECT_THAT(queue.take_abandoned(), IsEmpty());
}

TEST(SendQueueTest, WhatHasNoDiscardPriorityCountsMoreThanWhatHas) {
  SendQueue queue(2000, 0);
  ASSERT_TRUE(queue.push(message_of(1000), discardable(1, 0), kStart));
  ASSERT_TRUE(queue.push(message_of(1000), numbered(2), kStart));
  EXPECT_EQ(queue.free_bytes(), 0U);
  EXPECT_EQ(queue.room_for(std::nullopt), 1000U);
  EXPECT_EQ(queue.room_for(0), 0U);

  ASSERT_TRUE(queue.push(message_of(1000), living(3, 1s), kStart));

  EXPECT_THAT(ids_of(queue.take_abandoned()), ElementsAre(1));
}

struct Step {
  int kind;  // 0 to 2 push, 3 pop, 4 let time pass, 5 abandon
  uint16_t stream;
  uint16_t priority;
  uint16_t bytes;
  int lifetime_ms;  // 0: none
  bool ordered;
  uint32_t discard;  // 0: none; only where there is no lifetime
};

}  // namespace
}  // namespace mayfly

template <>
struct rc::Arbitrary<mayfly::Step> {
  static Gen<mayfly::Step> arbitrary() {
    using mayfly::Step;
    return gen::build<Step>(gen::set(&Step::kind, gen::inRange(0, 6)),
                            gen::set(&Step::stream, gen::inRange<uint16_t>(0, 4)),
                            gen::set(&Step::priority, gen::inRange<uint16_t>(0, 3)),
                            gen::set(&Step::bytes, gen::inRange<uint16_t>(1, 3000)),
                            gen::set(&Step::lifetime_ms, gen::inRange(0, 60)),
                            gen::set(&Step::ordered),
                            gen::set(&Step::discard, gen::inRange<uint32_t>(0, 4)));
  }
};

namespace mayfly {
namespace {

void showValue(const Step& step, std::ostream& os) {
  os << "{" << step.kind << " s" << step.stream << " p" << step.priority << " " << step.bytes
     << "B " << step.lifetime_ms << "ms" << (step.ordered ? " ordered" : "") << " d" << step.discard
     << "}";
}

// What the queue was given and what became of it, in the plainest words.
struct Given {
  Step step;
  Timestamp deadline;
  bool gone = false;
};

RC_GTEST_PROP(SendQueueProperty, EveryMessageLeavesOnceInTurnAndInTime,
              (const std::vector<Step>& steps)) {
  SendQueue queue(20'000, 5'000);
  std::map<uint64_t, Given> given;
  std::map<uint16_t, uint64_t> last_ordered;
  Timestamp now = kStart;
  uint64_t next = 1;
  size_t bytes = 0;
  const auto leave = [&](MessageId id) -> Given& {
    Given& each = given.at(id.value());
    RC_ASSERT(!each.gone);
    each.gone = true;
    bytes -= each.step.bytes;
    return each;
  };

  for (const Step& step : steps) {
    if (step.kind <= 2) {
      SendOptions options{
          .ordered = step.ordered, .priority = step.priority, .id = MessageId(next)};
      if (step.lifetime_ms > 0) options.lifetime = std::chrono::milliseconds(step.lifetime_ms);
      if (step.lifetime_ms == 0 && step.discard > 0) options.discard_priority = step.discard;
      const bool fits_free = step.bytes <= queue.free_bytes() && queue.free_bytes() > 0;
      const size_t room = queue.room_for(options.discard_priority);
      const bool fits = step.bytes <= room && room > 0;
      const auto pushed = queue.push(message_of(step.bytes, StreamId(step.stream)), options, now);
      RC_ASSERT(pushed.has_value() == fits);
      const auto discarded = queue.take_abandoned();
      RC_ASSERT(discarded.empty() || (pushed.has_value() && !fits_free));
      uint32_t smallest = UINT32_MAX;
      for (const AbandonedMessage& each : discarded) {
        const Step& gone = leave(each.id).step;
        RC_ASSERT(gone.lifetime_ms == 0 && gone.discard > options.discard_priority.value_or(0));
        smallest = std::min(smallest, gone.discard);
      }
      for (const auto& [other, waiting] : given) {  // nothing less important was spared
        if (waiting.gone || waiting.step.lifetime_ms > 0 || waiting.step.discard == 0) continue;
        RC_ASSERT(waiting.step.discard <= smallest);
      }
      if (!pushed) continue;
      given[next++] = {step, options.lifetime ? now + *options.lifetime : Timestamp::max()};
      bytes += step.bytes;
    } else if (step.kind == 3) {
      const OutgoingMessage* front = queue.front(now);
      if (front != nullptr) {
        RC_ASSERT(!front->options.lifetime || *front->options.lifetime > Duration::zero());
        const OutgoingMessage out = queue.pop();
        const uint64_t id = out.options.id.value();
        const Given& each = leave(out.options.id);
        RC_ASSERT(each.deadline > now);
        if (each.step.ordered) {
          RC_ASSERT(last_ordered[each.step.stream] < id);
          last_ordered[each.step.stream] = id;
        } else {
          for (const auto& [other, waiting] : given) {  // nothing more urgent was left behind
            if (waiting.gone || waiting.deadline <= now || waiting.step.ordered) continue;
            RC_ASSERT(std::pair(waiting.step.priority, other) > std::pair(each.step.priority, id));
          }
        }
      }
    } else if (step.kind == 4) {
      now += std::chrono::milliseconds(step.lifetime_ms);
      queue.expire(now);
    } else if (next > 1) {
      queue.abandon(MessageId(step.bytes % next));
    }
    for (const AbandonedMessage& each : queue.take_abandoned()) leave(each.id);
    RC_ASSERT(queue.queued_bytes() == bytes);
  }

  queue.abandon_all();
  for (const AbandonedMessage& each : queue.take_abandoned()) leave(each.id);
  RC_ASSERT(queue.empty());
  RC_ASSERT(queue.free_bytes() == 20'000U);
  RC_ASSERT(
      std::all_of(given.begin(), given.end(), [](const auto& each) { return each.second.gone; }));
}

}  // namespace
}  // namespace mayfly
