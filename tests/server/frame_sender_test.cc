#include "server/frame_sender.h"

#include <gmock/gmock.h>

#include "netsim/simulation.h"
#include "tests/support/loopback_association.h"

namespace mayfly {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using wire::Epoch;
using wire::SenderFate;
using Outcome = FrameSender::Outcome;

// Keeps what was sent; its buffer has whatever room the test says.
class RecordingAssociation final : public Association {
 public:
  void set_observer(Observer*) override {}
  Result<void> send(Message message, const SendOptions& options) override {
    const size_t usable = room.value_or(free);
    if (message.payload.size() > usable) return failure(ErrorCode::Exhausted, "full");
    if (!room) free -= message.payload.size();
    buffered += message.payload.size();
    sent.emplace_back(std::move(message), options);
    return {};
  }
  void abandon(MessageId id) override { abandoned.push_back(id); }
  size_t send_buffer_free() const override { return free; }
  size_t send_buffer_room(const SendOptions& options) const override {
    asked_room_for = options.discard_priority;
    return room.value_or(free);
  }
  size_t buffered_bytes() const override { return buffered; }
  size_t max_message_bytes() const override { return 1 << 20; }
  size_t max_chunk_payload_bytes() const override { return 1200; }
  uint16_t outgoing_streams() const override { return streams; }
  AssociationStats stats() const override { return {}; }
  std::string peer() const override { return "nobody"; }
  void shutdown() override {}
  void abort(const std::string&) override {}

  size_t free = 1 << 20;
  std::optional<size_t> room{};  // with what would be given up; none: nothing would
  mutable std::optional<uint32_t> asked_room_for{};
  size_t buffered = 1;
  uint16_t streams = 16;
  std::vector<std::pair<Message, SendOptions>> sent;
  std::vector<MessageId> abandoned;
};

constexpr Timestamp kStart{10s};

class FrameSenderTest : public ::testing::Test {
 protected:
  void use(DeliveryPolicy policy) { sender_.set_policy(std::move(policy)); }
  // Due at kStart + number * 40 ms, deadline 300 ms later, offered `late` after it was due.
  Outcome offer(uint32_t number, FrameClass frame_class, size_t bytes, Duration late = 0ms,
                std::vector<FrameNumber> references = {}, uint32_t gop = 0) {
    FrameSender::DueFrame due;
    due.frame.number = FrameNumber(number);
    due.frame.frame_class = frame_class;
    due.frame.gop = gop;
    due.frame.references = std::move(references);
    due.frame.payload = std::make_shared<const Bytes>(Bytes(bytes));
    due.due = kStart + 40ms * number;
    due.deadline = due.due + 300ms;
    now_ = due.due + late;
    return sender_.offer(due, Epoch(0), now_);
  }
  std::vector<std::pair<uint32_t, SenderFate>> fates() {
    std::vector<std::pair<uint32_t, SenderFate>> all;
    for (const auto& each : ledger_.take(1000, now_ + 10s).fates) {
      all.emplace_back(each.number.value(), each.fate);
    }
    return all;
  }

  RecordingAssociation association_;
  FateLedger ledger_;
  FrameSender sender_{association_, ledger_, prioritised(), kStart, {.control_reserve_bytes = 0}};
  Timestamp now_ = kStart;
};

TEST_F(FrameSenderTest, GivesEachClassWhatThePolicySays) {
  sender_.set_round_trip(60ms);
  ASSERT_EQ(offer(0, FrameClass::I, 5000), Outcome::Taken);
  ASSERT_EQ(association_.sent.size(), 5U);
  const SendOptions i = association_.sent[0].second;
  ASSERT_EQ(offer(1, FrameClass::P, 100, 20ms), Outcome::Taken);
  const SendOptions p = association_.sent[5].second;
  ASSERT_EQ(offer(2, FrameClass::B, 100, 20ms), Outcome::Taken);
  const SendOptions b = association_.sent[6].second;

  EXPECT_FALSE(i.lifetime);
  EXPECT_EQ(p.lifetime, 300ms - 30ms - 20ms) << "deadline less the way there";
  EXPECT_EQ(b.lifetime, 100ms - 20ms) << "counted from when it was due";
  EXPECT_LT(i.priority, p.priority);
  EXPECT_LT(p.priority, b.priority);
  EXPECT_FALSE(i.ordered);
  for (const auto& [message, options] : association_.sent) {
    EXPECT_LE(message.payload.size(), 1200U);
    EXPECT_EQ(message.ppid, wire::kFramePpid);
  }
}

TEST_F(FrameSenderTest, SendsAFrameIntoTheRoomThatLessImportantOnesLeave) {
  DeliveryPolicy policy = unreliable();
  policy.for_class(FrameClass::P).lifetime = DiscardPriority{3};
  use(policy);
  association_.free = 0;
  association_.room = 1 << 20;

  offer(0, FrameClass::P, 3000);

  ASSERT_FALSE(association_.sent.empty());
  for (const auto& [message, options] : association_.sent) {
    EXPECT_EQ(options.discard_priority, 3U);
    EXPECT_FALSE(options.lifetime);
  }
  EXPECT_EQ(association_.asked_room_for, 3U);
}

TEST_F(FrameSenderTest, LimitsRetransmissionsWhereThePolicySaysSo) {
  use(unreliable());
  ASSERT_EQ(offer(0, FrameClass::P, 100), Outcome::Taken);

  EXPECT_EQ(association_.sent[0].second.max_retransmissions, 0U);
  EXPECT_FALSE(association_.sent[0].second.lifetime);
}

TEST_F(FrameSenderTest, SendsWholeFramesWhereThePolicySaysSo) {
  DeliveryPolicy policy = prioritised();
  policy.for_class(FrameClass::I).message = MessageForm::Frame;
  use(policy);

  ASSERT_EQ(offer(0, FrameClass::I, 100'000), Outcome::Taken);
  EXPECT_THAT(association_.sent, SizeIs(1));
  association_.free = 4 << 20;
  ASSERT_EQ(offer(1, FrameClass::I, 3 << 20), Outcome::Taken);
  EXPECT_THAT(association_.sent, SizeIs(1 + 4)) << "cut where the largest message ends";
}

TEST_F(FrameSenderTest, UsesTheLastStreamWhereThePeerGrantsFewer) {
  association_.streams = 2;
  ASSERT_EQ(offer(0, FrameClass::B, 100), Outcome::Taken);

  EXPECT_EQ(association_.sent[0].first.stream, StreamId(1));
}

TEST_F(FrameSenderTest, DoesNotSendWhatComesTooLate) {
  sender_.set_round_trip(100ms);
  ASSERT_EQ(offer(0, FrameClass::P, 100, 250ms), Outcome::Taken);
  ASSERT_EQ(offer(1, FrameClass::B, 100, 100ms), Outcome::Taken);

  EXPECT_THAT(association_.sent, IsEmpty());
  EXPECT_THAT(fates(), ElementsAre(std::pair(0, SenderFate::AbandonedUnsent),
                                   std::pair(1, SenderFate::AbandonedUnsent)));
}

TEST_F(FrameSenderTest, SendsAFrameWholeOrNotAtAll) {
  association_.free = 3000;

  ASSERT_EQ(offer(0, FrameClass::P, 3000), Outcome::Taken);
  EXPECT_THAT(association_.sent, IsEmpty());
  ASSERT_EQ(offer(1, FrameClass::P, 500), Outcome::Taken);
  EXPECT_THAT(association_.sent, SizeIs(1));
}

TEST_F(FrameSenderTest, AnIFrameWaitsForRoomWhileBFramesDoNot) {
  association_.free = 0;
  ASSERT_EQ(offer(0, FrameClass::I, 5000), Outcome::Taken);
  ASSERT_EQ(offer(1, FrameClass::B, 500), Outcome::Taken);
  EXPECT_TRUE(sender_.is_waiting());

  association_.free = 1 << 20;
  sender_.send_waiting(kStart + 1s);

  EXPECT_FALSE(sender_.is_waiting());
  EXPECT_THAT(association_.sent, SizeIs(5));
  EXPECT_THAT(fates(), ElementsAre(std::pair(1, SenderFate::AbandonedUnsent),
                                   std::pair(0, SenderFate::Sent)));
}

TEST_F(FrameSenderTest, ANewerIFrameFlushesTheStaleGop) {
  ASSERT_EQ(offer(0, FrameClass::I, 1000), Outcome::Taken);
  ASSERT_EQ(offer(1, FrameClass::P, 1000), Outcome::Taken);
  association_.free = 0;
  ASSERT_EQ(offer(2, FrameClass::I, 1000, 0ms, {}, 1), Outcome::Taken);
  EXPECT_THAT(association_.abandoned, ElementsAre(MessageId(1), MessageId(2)));

  ASSERT_EQ(offer(3, FrameClass::I, 1000, 0ms, {}, 2), Outcome::Taken);
  association_.free = 1 << 20;
  sender_.send_waiting(now_);

  EXPECT_THAT(association_.sent, SizeIs(3));
}

TEST_F(FrameSenderTest, AStaleGopIsGivenUpEvenWithRoomOnceItsDeadlineHasPassed) {
  use(all_expiring());
  ASSERT_EQ(offer(0, FrameClass::I, 1000), Outcome::Taken);
  ASSERT_EQ(offer(7, FrameClass::I, 1000, 0ms, {}, 1), Outcome::Taken);
  EXPECT_THAT(association_.abandoned, IsEmpty()) << "it may still be shown";

  ASSERT_EQ(offer(8, FrameClass::I, 1000, 0ms, {}, 2), Outcome::Taken);
  EXPECT_THAT(association_.abandoned, ElementsAre(MessageId(1)));
}

TEST_F(FrameSenderTest, AReliableFrameIsKeptPastItsDeadlineWhileThereIsRoom) {
  use(prioritised());
  ASSERT_EQ(offer(0, FrameClass::I, 1000), Outcome::Taken);
  ASSERT_EQ(offer(7, FrameClass::I, 1000, 0ms, {}, 1), Outcome::Taken);
  ASSERT_EQ(offer(8, FrameClass::I, 1000, 0ms, {}, 2), Outcome::Taken);

  EXPECT_THAT(association_.abandoned, IsEmpty());
}

TEST_F(FrameSenderTest, AllReliableBlocksInsteadOfDropping) {
  use(all_reliable());
  association_.free = 0;

  ASSERT_EQ(offer(0, FrameClass::B, 1000), Outcome::Taken);
  EXPECT_EQ(offer(1, FrameClass::I, 1000, 0ms, {}, 1), Outcome::Blocked);
  association_.free = 1 << 20;
  EXPECT_EQ(offer(1, FrameClass::I, 1000, 10s, {}, 1), Outcome::Taken);

  EXPECT_THAT(association_.sent, SizeIs(2));
  EXPECT_THAT(association_.abandoned, IsEmpty());
}

TEST_F(FrameSenderTest, GivesUpAFrameLargerThanTheWholeBuffer) {
  use(all_reliable());
  association_.free = 1000;
  association_.buffered = 0;

  EXPECT_EQ(offer(0, FrameClass::I, 5000), Outcome::Taken);

  EXPECT_FALSE(sender_.is_waiting());
  EXPECT_THAT(fates(), ElementsAre(std::pair(0, SenderFate::AbandonedUnsent)));
}

TEST_F(FrameSenderTest, GivesUpTheRestOfAFrameWithItsFirstPiece) {
  ASSERT_EQ(offer(0, FrameClass::P, 5000), Outcome::Taken);

  sender_.on_message_abandoned(MessageId(1), Abandonment::Unsent, now_);
  sender_.on_message_abandoned(MessageId(1), Abandonment::Unsent, now_);

  EXPECT_THAT(association_.abandoned, ElementsAre(MessageId(1)));
}

TEST_F(FrameSenderTest, DoesNotSendWhatNeedsAFrameThatNeverLeft) {
  ASSERT_EQ(offer(0, FrameClass::I, 100), Outcome::Taken);
  ASSERT_EQ(offer(1, FrameClass::P, 100, 1s, {FrameNumber(0)}), Outcome::Taken);  // too late
  ASSERT_EQ(offer(2, FrameClass::P, 100, 0ms, {FrameNumber(1)}), Outcome::Taken);
  ASSERT_EQ(offer(3, FrameClass::B, 100, 0ms, {FrameNumber(2)}), Outcome::Taken);
  ASSERT_EQ(offer(4, FrameClass::P, 100, 0ms, {FrameNumber(0)}), Outcome::Taken);

  EXPECT_THAT(
      fates(),
      ElementsAre(std::pair(0, SenderFate::Sent), std::pair(1, SenderFate::AbandonedUnsent),
                  std::pair(2, SenderFate::AbandonedUnsent),
                  std::pair(3, SenderFate::AbandonedUnsent), std::pair(4, SenderFate::Sent)));
}

TEST_F(FrameSenderTest, KeepsRoomForControlMessages) {
  FrameSender careful(association_, ledger_, prioritised(), kStart,
                      {.control_reserve_bytes = 5000});
  association_.free = 5500;
  FrameSender::DueFrame due;
  due.frame.frame_class = FrameClass::P;
  due.frame.payload = std::make_shared<const Bytes>(Bytes(1000));
  due.due = kStart;
  due.deadline = kStart + 300ms;

  ASSERT_EQ(careful.offer(due, Epoch(0), kStart), Outcome::Taken);

  EXPECT_THAT(association_.sent, IsEmpty());
}

}  // namespace
}  // namespace mayfly
