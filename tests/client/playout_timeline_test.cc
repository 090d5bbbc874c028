#include "client/playout_timeline.h"

#include <gmock/gmock.h>

#include "core/random.h"

namespace mayfly {
namespace {

constexpr Timestamp kStart{50s};
constexpr MediaTime kFirst{10s};

PlayoutTimeline timeline() { return {kStart, kFirst, 500ms}; }

TEST(PlayoutTimelineTest, AFrameIsDueAfterItsTimeAndThePlayoutDelay) {
  EXPECT_EQ(timeline().deadline(kFirst), kStart + 500ms);
  EXPECT_EQ(timeline().deadline(kFirst + 3s), kStart + 3500ms);
  EXPECT_EQ(timeline().first_deadline(), kStart + 500ms);
  EXPECT_EQ(timeline().position(kStart + 3500ms), kFirst + 3s);
}

TEST(PlayoutTimelineTest, APauseHoldsBackWhatWasNotYetDue) {
  PlayoutTimeline times = timeline();
  times.pause(kStart + 1500ms);

  EXPECT_TRUE(times.is_paused());
  EXPECT_EQ(times.deadline(kFirst + 1s), kStart + 1500ms);
  EXPECT_EQ(times.deadline(kFirst + 1s + 1us), Timestamp::max());
  EXPECT_EQ(times.position(kStart + 60s), kFirst + 1s);

  times.resume(kStart + 4500ms);

  EXPECT_EQ(times.deadline(kFirst + 1s), kStart + 1500ms);
  EXPECT_EQ(times.deadline(kFirst + 2s), kStart + 2500ms + 3s);
  EXPECT_EQ(times.position(kStart + 3s), kFirst + 1s);
  EXPECT_EQ(times.position(kStart + 5500ms), kFirst + 2s);
  EXPECT_EQ(times.stood(), 3s);
}

TEST(PlayoutTimelineTest, PausesAddUpAndCanBeCorrected) {
  PlayoutTimeline times = timeline();
  times.pause(kStart + 1500ms);
  times.resume(kStart + 2500ms);
  times.pause(kStart + 3500ms);
  times.resume(kStart + 5500ms);
  ASSERT_EQ(times.pauses(), 2u);
  EXPECT_EQ(times.deadline(kFirst + 5s), kStart + 5500ms + 3s);

  times.correct_pause(0, 1200ms);

  EXPECT_EQ(times.deadline(kFirst + 1500ms), kStart + 2s + 1200ms);
  EXPECT_EQ(times.deadline(kFirst + 5s), kStart + 5500ms + 3200ms);
}

TEST(PlayoutTimelineTest, PausingTwiceIsPausingOnce) {
  PlayoutTimeline times = timeline();
  times.resume(kStart + 1s);
  times.pause(kStart + 1500ms);
  times.pause(kStart + 2s);
  times.resume(kStart + 2500ms);
  times.resume(kStart + 9s);

  EXPECT_EQ(times.pauses(), 1u);
  EXPECT_EQ(times.stood(), 1s);
}

TEST(PlayoutTimelineTest, APauseBeforeTheFirstFrameHoldsBackAll) {
  PlayoutTimeline times = timeline();
  times.pause(kStart);
  EXPECT_EQ(times.first_deadline(), Timestamp::max());

  times.resume(kStart + 10s);

  EXPECT_EQ(times.first_deadline(), kStart + 10500ms);
}

TEST(PlayoutTimelineTest, MovesAsAWhole) {
  PlayoutTimeline times = timeline();
  times.pause(kStart + 1500ms);
  times.resume(kStart + 2500ms);

  times.move_to(kStart + 30ms);

  EXPECT_EQ(times.deadline(kFirst), kStart + 530ms);
  EXPECT_EQ(times.deadline(kFirst + 2s), kStart + 3530ms);
}

TEST(PlayoutTimelineTest, DeadlinesRiseWithTheDecodeTimeWhateverHappens) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    PlayoutTimeline times = timeline();
    Timestamp now = kStart;
    for (int i = 0; i < 40; ++i) {
      now += Duration(static_cast<int64_t>(random.between(0, 2'000'000)));
      switch (random.between(0, 3)) {
        case 0: times.pause(now); break;
        case 1: times.resume(now); break;
        case 2:
          if (times.pauses() > 0) {
            times.correct_pause(random.between(0, times.pauses() - 1),
                                Duration(static_cast<int64_t>(random.between(0, 3'000'000))));
          }
          break;
        default: times.move_to(kStart + Duration(static_cast<int64_t>(random.between(0, 9999))));
      }
      Timestamp before = Timestamp::min();
      for (MediaTime dts = kFirst; dts < kFirst + 60s; dts += 370ms) {
        ASSERT_GE(times.deadline(dts), before);
        before = times.deadline(dts);
      }
    }
  }
}

}  // namespace
}  // namespace mayfly
