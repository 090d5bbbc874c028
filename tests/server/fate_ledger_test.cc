#include "server/fate_ledger.h"

#include <gmock/gmock.h>

namespace mayfly {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using wire::Epoch;
using wire::SenderFate;

constexpr Timestamp kStart{1s};

Frame frame(uint32_t number, FrameClass frame_class = FrameClass::P) {
  Frame frame;
  frame.number = FrameNumber(number);
  frame.frame_class = frame_class;
  frame.payload = std::make_shared<const Bytes>(Bytes(100));
  return frame;
}

std::vector<std::pair<uint32_t, SenderFate>> told(FateLedger& ledger, Timestamp now) {
  std::vector<std::pair<uint32_t, SenderFate>> fates;
  for (const auto& each : ledger.take(1000, now).fates) {
    fates.emplace_back(each.number.value(), each.fate);
  }
  return fates;
}

TEST(FateLedgerTest, TellsAReliableFrameAtOnceAndNeverAgain) {
  FateLedger ledger;

  ledger.handed_over(MessageId(1), Epoch(0), frame(0, FrameClass::I), 5, std::nullopt);

  EXPECT_THAT(told(ledger, kStart), ElementsAre(std::pair(0, SenderFate::Sent)));
  EXPECT_THAT(told(ledger, kStart + 10s), IsEmpty());
  EXPECT_FALSE(ledger.is_settled(Epoch(0)));
  ledger.settle_before(MessageId(2));
  EXPECT_TRUE(ledger.is_settled(Epoch(0)));
}

TEST(FateLedgerTest, TellsAnExpiringFrameWhenItsTimeIsOver) {
  FateLedger ledger;

  ledger.handed_over(MessageId(1), Epoch(0), frame(0), 1, kStart + 100ms);

  EXPECT_THAT(told(ledger, kStart + 100ms), IsEmpty());
  EXPECT_THAT(told(ledger, kStart + 200ms), ElementsAre(std::pair(0, SenderFate::Sent)));
}

TEST(FateLedgerTest, AFrameOfWhichEveryMessageWasUnsentIsUnsent) {
  FateLedger ledger;
  ledger.handed_over(MessageId(1), Epoch(0), frame(0), 3, kStart + 100ms);

  EXPECT_TRUE(ledger.message_abandoned(MessageId(1), Abandonment::Unsent, kStart));
  EXPECT_FALSE(ledger.message_abandoned(MessageId(1), Abandonment::Unsent, kStart));
  EXPECT_FALSE(ledger.message_abandoned(MessageId(1), Abandonment::Unsent, kStart));

  EXPECT_THAT(told(ledger, kStart), ElementsAre(std::pair(0, SenderFate::AbandonedUnsent)));
  EXPECT_TRUE(ledger.is_settled(Epoch(0)));
  EXPECT_EQ(ledger.stats()[index_of(FrameClass::P)].abandoned_unsent, 1U);
}

TEST(FateLedgerTest, AFrameOfWhichOnlySomeMessagesWereUnsentWasSentInPart) {
  FateLedger ledger;
  ledger.handed_over(MessageId(1), Epoch(0), frame(0), 3, kStart + 100ms);

  EXPECT_TRUE(ledger.message_abandoned(MessageId(1), Abandonment::Unsent, kStart));
  EXPECT_FALSE(ledger.message_abandoned(MessageId(1), Abandonment::Unsent, kStart));
  EXPECT_THAT(told(ledger, kStart), IsEmpty()) << "the third may follow at once";

  EXPECT_THAT(told(ledger, kStart + 50ms), ElementsAre(std::pair(0, SenderFate::AbandonedSent)));
}

TEST(FateLedgerTest, TellsAgainWhenASentFrameIsAbandonedAfterAll) {
  FateLedger ledger;
  ledger.handed_over(MessageId(1), Epoch(0), frame(0), 1, std::nullopt);
  EXPECT_THAT(told(ledger, kStart), ElementsAre(std::pair(0, SenderFate::Sent)));

  EXPECT_FALSE(ledger.message_abandoned(MessageId(1), Abandonment::Sent, kStart + 1s));

  EXPECT_THAT(told(ledger, kStart + 1s), ElementsAre(std::pair(0, SenderFate::AbandonedSent)));
  EXPECT_THAT(told(ledger, kStart + 9s), IsEmpty());
}

TEST(FateLedgerTest, HearsOfAbandonmentLaterThanTheLifetime) {
  FateLedger ledger;
  ledger.handed_over(MessageId(1), Epoch(0), frame(0), 1, kStart + 100ms);
  EXPECT_THAT(told(ledger, kStart + 150ms), SizeIs(1));

  EXPECT_FALSE(ledger.message_abandoned(MessageId(1), Abandonment::Sent, kStart + 500ms));

  EXPECT_THAT(told(ledger, kStart + 500ms), ElementsAre(std::pair(0, SenderFate::AbandonedSent)));
}

TEST(FateLedgerTest, TellsOneEpochAtATimeAndNoMoreThanTheLimit) {
  FateLedger ledger;
  for (uint32_t i = 0; i < 3; ++i) ledger.never_sent(MessageId(i + 1), Epoch(7), frame(i));
  ledger.never_sent(MessageId(4), Epoch(8), frame(0));

  EXPECT_THAT(ledger.take(2, kStart).fates, SizeIs(2));
  const auto rest = ledger.take(2, kStart);
  EXPECT_EQ(rest.epoch, Epoch(7));
  EXPECT_THAT(rest.fates, SizeIs(1));
  EXPECT_EQ(ledger.take(2, kStart).epoch, Epoch(8));
  EXPECT_THAT(ledger.counts(Epoch(7)), ElementsAre(std::pair(TrackId(0), 3U)));
}

TEST(FateLedgerTest, IgnoresMessagesItDoesNotKnow) {
  FateLedger ledger;

  EXPECT_FALSE(ledger.message_abandoned(MessageId(9), Abandonment::Sent, kStart));

  EXPECT_THAT(told(ledger, kStart), IsEmpty());
}

TEST(FateLedgerTest, ForgetsOldFramesThatWereToldRatherThanGrow) {
  FateLedger ledger;
  for (uint32_t i = 0; i < 50'000; ++i) {
    ledger.handed_over(MessageId(i + 1), Epoch(0), frame(i), 1, std::nullopt);
    ASSERT_THAT(told(ledger, kStart), SizeIs(1));
  }

  EXPECT_FALSE(ledger.find(MessageId(1)));
  EXPECT_TRUE(ledger.find(MessageId(50'000)));
}

}  // namespace
}  // namespace mayfly
