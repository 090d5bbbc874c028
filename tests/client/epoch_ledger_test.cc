#include "client/epoch_ledger.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "core/random.h"

namespace mayfly {
namespace {

constexpr Timestamp kStart{100s};
constexpr Duration kDelay = 200ms;
constexpr Duration kPicture = 40ms;
constexpr Timestamp kEnd{1000s};

Timestamp due(uint32_t number) { return kStart + kDelay + number * kPicture; }

uint64_t sum_of_states(const ClassFates& fates) {
  return fates.on_time + fates.late + fates.abandoned_unsent + fates.abandoned_sent + fates.lost +
         fates.undecodable;
}

AssembledFrame arrived(uint32_t number, Timestamp at, std::vector<uint32_t> references = {},
                       FrameClass frame_class = FrameClass::P, uint8_t track = 0) {
  AssembledFrame made;
  made.frame.track = TrackId(track);
  made.frame.number = FrameNumber(number);
  made.frame.frame_class = frame_class;
  made.frame.dts = MediaTime(number * kPicture);
  made.frame.payload = std::make_shared<Bytes>(100);
  for (const uint32_t each : references) made.frame.references.emplace_back(each);
  made.completed = at;
  made.sent_at = number * kPicture;
  return made;
}

wire::FrameFate fate(uint32_t number, wire::SenderFate what, FrameClass frame_class = FrameClass::P,
                     uint8_t track = 0) {
  return {TrackId(track), FrameNumber(number), frame_class, what, MediaTime(number * kPicture)};
}

class EpochLedgerTest : public ::testing::Test {
 protected:
  EpochLedgerTest() { clocks_.add({kStart - 10ms, 0s, 0s, kStart + 10ms}); }
  [[nodiscard]] ClassFates p() const { return ledger_.final_tally().classes[1]; }

  PlayoutTimeline timeline_{kStart, MediaTime{}, kDelay};
  ClockRelation clocks_;
  EpochLedger ledger_{timeline_, clocks_};
};

TEST_F(EpochLedgerTest, EveryStateHasItsCause) {
  ledger_.on_complete(arrived(0, due(0)));
  ledger_.on_complete(arrived(1, due(1) + 1us));
  ledger_.on_complete(arrived(2, due(2), {1}));
  for (uint32_t i = 0; i < 3; ++i) ledger_.on_fate(fate(i, wire::SenderFate::Sent));
  ledger_.on_fate(fate(3, wire::SenderFate::AbandonedUnsent));
  ledger_.on_fate(fate(4, wire::SenderFate::AbandonedSent));
  ledger_.on_fate(fate(5, wire::SenderFate::Sent));

  EXPECT_EQ(p(), (ClassFates{.sent = 6,
                             .on_time = 1,
                             .late = 1,
                             .abandoned_unsent = 1,
                             .abandoned_sent = 1,
                             .lost = 1,
                             .undecodable = 1,
                             .bytes = 300}));
}

TEST_F(EpochLedgerTest, WhatArrivedCountsHoweverTheSenderGaveItUp) {
  ledger_.on_complete(arrived(0, due(0)));
  ledger_.on_fate(fate(0, wire::SenderFate::AbandonedSent));

  EXPECT_EQ(p().on_time, 1u);
  EXPECT_EQ(p().sent, 1u);
}

TEST_F(EpochLedgerTest, AFateToldAgainReplacesTheFirst) {
  ledger_.on_fate(fate(0, wire::SenderFate::Sent));
  EXPECT_EQ(p().lost, 1u);

  ledger_.on_fate(fate(0, wire::SenderFate::AbandonedSent));

  EXPECT_EQ(p().lost, 0u);
  EXPECT_EQ(p().abandoned_sent, 1u);
}

TEST_F(EpochLedgerTest, UndecodableGoesDownTheWholeChain) {
  ledger_.on_complete(arrived(0, kStart));
  for (uint32_t i = 2; i < 6; ++i) ledger_.on_complete(arrived(i, kStart, {i - 1}));

  EXPECT_EQ(p().on_time, 1u);
  EXPECT_EQ(p().undecodable, 4u);
}

TEST_F(EpochLedgerTest, SoFarMeansFramesWhoseDeadlineHasPassed) {
  for (uint32_t i = 0; i < 10; ++i) ledger_.on_complete(arrived(i, kStart));

  EXPECT_EQ(ledger_.tally(due(4)).classes[1].sent, 5u);
  EXPECT_EQ(ledger_.tally(due(0) - 1us).classes[1].sent, 0u);
  EXPECT_EQ(ledger_.final_tally().classes[1].sent, 10u);
}

TEST_F(EpochLedgerTest, APauseMovesTheDeadlinesAFrameIsJudgedBy) {
  timeline_.pause(due(0));
  timeline_.resume(due(0) + 5s);
  ledger_.on_complete(arrived(1, due(1) + 5s));
  ledger_.on_complete(arrived(2, due(2) + 5s + 1us));

  EXPECT_EQ(p().on_time, 1u);
  EXPECT_EQ(p().late, 1u);
}

TEST_F(EpochLedgerTest, WhatAJumpCutOffIsAbandonedNotLost) {
  ledger_.on_fate(fate(0, wire::SenderFate::Sent));
  ledger_.on_fate(fate(1, wire::SenderFate::Sent));
  ledger_.on_fate(fate(2, wire::SenderFate::AbandonedUnsent));
  ledger_.on_complete(arrived(3, kStart));

  ledger_.cut_short(due(0));

  EXPECT_EQ(p(), (ClassFates{.sent = 4,
                             .on_time = 1,
                             .abandoned_unsent = 1,
                             .abandoned_sent = 1,
                             .lost = 1,
                             .bytes = 100}));
}

TEST_F(EpochLedgerTest, LatencyRunsFromTheServersStackToTheLastPiece) {
  for (uint32_t i = 0; i < 100; ++i) {
    ledger_.on_complete(arrived(i, kStart + i * kPicture + 30ms));
  }

  const LatencySummary latency = ledger_.final_tally().latency[1].summary();

  EXPECT_EQ(latency.frames, 100u);
  EXPECT_THAT(latency.p50, ::testing::AllOf(::testing::Ge(30ms), ::testing::Le(30120us)));
  EXPECT_EQ(latency.max, 30ms);
}

TEST_F(EpochLedgerTest, SettlesWhatIsLongPastAndStaysSmall) {
  for (uint32_t i = 0; i < 20'000; ++i) {
    if (i % 7 != 0)
      ledger_.on_complete(
          arrived(i, due(i) - 50ms, i % 5 == 0 ? std::vector<uint32_t>{} : std::vector{i - 1}));
    ledger_.on_fate(fate(i, wire::SenderFate::Sent));
    ledger_.settle(due(i));
    ASSERT_LE(ledger_.open_frames(), 252u);
  }
  const ClassFates before = p();
  // Known to be settled: whatever comes for it now changes nothing.
  ledger_.on_fate(fate(19'000, wire::SenderFate::AbandonedSent));
  ledger_.on_complete(arrived(0, due(0)));

  EXPECT_EQ(p(), before);
  EXPECT_EQ(before.sent, 20'000u);
  EXPECT_EQ(sum_of_states(before), 20'000u);
}

TEST_F(EpochLedgerTest, AFateToldAfterItsNeighboursWereSettledIsCountedAllTheSame) {
  for (uint32_t i = 0; i < 100; ++i) {
    if (i != 50) ledger_.on_complete(arrived(i, kStart));
  }
  ledger_.settle(kEnd);

  ledger_.on_fate(fate(50, wire::SenderFate::AbandonedUnsent));

  EXPECT_EQ(p().sent, 100u);
  EXPECT_EQ(p().abandoned_unsent, 1u);
}

RC_GTEST_PROP(EpochLedgerProperty, WhateverHappensEveryFrameIsInExactlyOneState, ()) {
  Random random(*rc::gen::arbitrary<uint64_t>());
  const auto events = *rc::gen::inRange<size_t>(0, 400);
  PlayoutTimeline timeline(kStart, MediaTime{}, kDelay);
  ClockRelation clocks;
  EpochLedger ledger(timeline, clocks);
  std::set<std::pair<uint8_t, uint32_t>> known;
  Timestamp now = kStart;
  for (size_t i = 0; i < events; ++i) {
    now += Duration(static_cast<int64_t>(random.between(0, 100'000)));
    const auto number = static_cast<uint32_t>(random.between(0, 300));
    const auto track = static_cast<uint8_t>(random.between(0, 1));
    // A frame has one class, whoever tells of it.
    const FrameClass frame_class = kFrameClasses[(number + track) % kFrameClassCount];
    switch (random.between(0, 7)) {
      case 0:
      case 1:
      case 2: {
        std::vector<uint32_t> references;
        if (number > 0 && random.chance(0.7)) references.push_back(number - 1);
        ledger.on_complete(arrived(number, now, references, frame_class, track));
        known.emplace(track, number);
        break;
      }
      case 3:
      case 4:
        ledger.on_fate(
            fate(number, static_cast<wire::SenderFate>(random.between(0, 2)), frame_class, track));
        known.emplace(track, number);
        break;
      case 5: random.chance(0.5) ? timeline.pause(now) : timeline.resume(now); break;
      case 6: ledger.settle(now + (random.chance(0.1) ? 60s : 0s)); break;
      default:
        if (random.chance(0.05)) ledger.cut_short(now);
    }
    uint64_t so_far = 0;
    for (const ClassFates& each : ledger.tally(now).classes) {
      RC_ASSERT(sum_of_states(each) == each.sent);
      so_far += each.sent;
    }
    RC_ASSERT(so_far <= known.size());
  }
  uint64_t sent = 0;
  for (const ClassFates& each : ledger.final_tally().classes) {
    RC_ASSERT(sum_of_states(each) == each.sent);
    sent += each.sent;
  }
  RC_ASSERT(sent == known.size());
}

}  // namespace
}  // namespace mayfly
