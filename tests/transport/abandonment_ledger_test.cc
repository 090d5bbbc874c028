#include "transport/abandonment_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace mayfly {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(AbandonmentLedgerTest, ReportsAMessageOnceHoweverManyChunksItHad) {
  AbandonmentLedger ledger;
  const uint32_t token = ledger.handed_over(MessageId(11), StreamId(2));

  for (int chunk = 0; chunk < 5; ++chunk) ledger.chunk_abandoned(token, Abandonment::Unsent);
  EXPECT_THAT(ledger.take_abandoned(),
              ElementsAre(AbandonedMessage{MessageId(11), StreamId(2), Abandonment::Unsent}));

  ledger.chunk_abandoned(token, Abandonment::Unsent);
  EXPECT_THAT(ledger.take_abandoned(), IsEmpty());
}

TEST(AbandonmentLedgerTest, SentWinsOverUnsentWhicheverComesFirst) {
  AbandonmentLedger ledger;
  const uint32_t first = ledger.handed_over(MessageId(1), StreamId(0));
  const uint32_t second = ledger.handed_over(MessageId(2), StreamId(0));

  ledger.chunk_abandoned(first, Abandonment::Sent);
  ledger.chunk_abandoned(second, Abandonment::Unsent);
  ledger.chunk_abandoned(first, Abandonment::Unsent);
  ledger.chunk_abandoned(second, Abandonment::Sent);

  EXPECT_THAT(ledger.take_abandoned(),
              ElementsAre(AbandonedMessage{MessageId(1), StreamId(0), Abandonment::Sent},
                          AbandonedMessage{MessageId(2), StreamId(0), Abandonment::Sent}));
}

TEST(AbandonmentLedgerTest, IgnoresWhatItDoesNotKnow) {
  AbandonmentLedger ledger;
  const uint32_t taken_back = ledger.handed_over(MessageId(1), StreamId(0));
  ledger.take_back(taken_back);

  ledger.chunk_abandoned(taken_back, Abandonment::Sent);
  ledger.chunk_abandoned(taken_back + 1000, Abandonment::Sent);

  EXPECT_THAT(ledger.take_abandoned(), IsEmpty());
}

TEST(AbandonmentLedgerTest, ForgetsTheOldestBeyondItsCapacityAndAllWhenSettled) {
  AbandonmentLedger ledger(3);
  const uint32_t oldest = ledger.handed_over(MessageId(1), StreamId(0));
  for (uint64_t id = 2; id <= 4; ++id) (void)ledger.handed_over(MessageId(id), StreamId(0));

  ledger.chunk_abandoned(oldest, Abandonment::Sent);
  EXPECT_THAT(ledger.take_abandoned(), IsEmpty());
  EXPECT_EQ(ledger.size(), 3U);

  ledger.settle();
  EXPECT_EQ(ledger.size(), 0U);
}

RC_GTEST_PROP(AbandonmentLedgerProperty, EveryMessageIsReportedAtMostOnceWithItsOwnId,
              (const std::vector<std::pair<uint8_t, bool>>& events)) {
  AbandonmentLedger ledger(1000);
  std::map<uint32_t, uint64_t> ids;
  for (uint64_t id = 0; id < 20; ++id) {
    ids[ledger.handed_over(MessageId(id * 1'000'000'007), StreamId(0))] = id * 1'000'000'007;
  }
  std::map<uint64_t, int> reported;
  std::map<uint64_t, bool> sent_in_batch;

  for (const auto& [which, sent] : events) {
    const uint32_t token = ids.begin()->first + which % 25;  // some of them unknown
    ledger.chunk_abandoned(token, sent ? Abandonment::Sent : Abandonment::Unsent);
    if (ids.contains(token)) sent_in_batch[ids[token]] |= sent;
    if (which % 7 != 0) continue;
    for (const AbandonedMessage& each : ledger.take_abandoned()) {
      RC_ASSERT(++reported[each.id.value()] == 1);
      RC_ASSERT((each.what == Abandonment::Sent) == sent_in_batch[each.id.value()]);
    }
  }
}

}  // namespace
}  // namespace mayfly
