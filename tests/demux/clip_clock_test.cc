#include "demux/clip_clock.h"

#include <gtest/gtest.h>

namespace mayfly {
namespace {

class ClipClockTest : public testing::Test {
 protected:
  // Where the track's next packet comes to lie.
  Duration place(ClipClock::Position& track, Duration told, Duration lasts = 40ms) {
    clock_.follow(track, MediaTime(told), lasts);
    return told + track.correction;
  }
  // Packets of 40 ms each from `from` on, up to `until`.
  void run(ClipClock::Position& track, Duration from, Duration until) {
    for (Duration told = from; told < until; told += 40ms) static_cast<void>(place(track, told));
  }

  ClipClock clock_{true};
  ClipClock::Position picture_;
  ClipClock::Position sound_;
};

TEST_F(ClipClockTest, KeepsSoundThatEndedBeforeThePictureWithItAcrossAJumpBack) {
  run(picture_, 0s, 10s);
  run(sound_, 0s, 9600ms);

  EXPECT_EQ(place(picture_, 0s), 10s);
  EXPECT_EQ(place(sound_, 0s), 10s);
  EXPECT_EQ(place(picture_, 40ms), 10'040ms);
  EXPECT_EQ(place(sound_, 40ms), 10'040ms);
}

TEST_F(ClipClockTest, ATrackThatMeetsTheJumpFirstGoesOnWhereTheOtherEnds) {
  run(picture_, 0s, 10s);
  run(sound_, 0s, 9600ms);

  EXPECT_EQ(place(sound_, 0s), 10s);
  EXPECT_EQ(place(picture_, 0s), 10s);
}

TEST_F(ClipClockTest, PacketsFromBeforeTheJumpStayWhereTheyWere) {
  run(picture_, 0s, 10s);
  run(sound_, 0s, 9600ms);
  EXPECT_EQ(place(picture_, 0s), 10s);

  EXPECT_EQ(place(sound_, 9600ms), 9600ms);
  EXPECT_EQ(place(sound_, 9640ms), 9640ms);
  EXPECT_EQ(place(sound_, 0s), 10s);
}

TEST_F(ClipClockTest, ATrackThatBeginsAfterTheJumpGoesByTheClockOfNow) {
  run(picture_, 0s, 10s);
  run(picture_, 0s, 1s);

  EXPECT_EQ(place(sound_, 960ms), 10'960ms);
}

TEST_F(ClipClockTest, ClosesTheGapThatAPieceCutOutOfABroadcastLeaves) {
  run(picture_, 0s, 10s);
  run(sound_, 0s, 9800ms);

  EXPECT_EQ(place(picture_, 1000s), 10s);
  EXPECT_EQ(place(sound_, 999'800ms), 9800ms);
  EXPECT_EQ(place(picture_, 1000s + 40ms), 10'040ms);
}

TEST_F(ClipClockTest, LeavesLongPicturesAndSoundThatPausesAlone) {
  EXPECT_EQ(place(picture_, 0s, 5min), 0s);
  EXPECT_EQ(place(picture_, 5min, 5min), 5min);  // a slide show, which says so
  EXPECT_EQ(place(sound_, 0s), 0s);
  EXPECT_EQ(place(picture_, 5min + 50s, 0s), 5min + 50s);  // and one that does not
  EXPECT_EQ(place(sound_, 5min + 40s), 5min + 40s);
}

TEST_F(ClipClockTest, KeepsEveryGapOfAContainerWhoseTimesAreTheClipsOwn) {
  clock_ = ClipClock(false);
  run(picture_, 0s, 10s);

  EXPECT_EQ(place(picture_, 1000s), 1000s);
  EXPECT_EQ(place(sound_, 0s), 0s);  // all of it behind the pictures in the file
  EXPECT_EQ(place(picture_, 0s), 1000s + 40ms);
}

TEST_F(ClipClockTest, ForgetsAJumpThatWasOnePacketsDamage) {
  for (const Duration damaged : {-50s, 5000s}) {
    clock_ = ClipClock(true);
    picture_ = {};
    run(picture_, 0s, 10s);
    EXPECT_EQ(place(picture_, damaged), 10s);
    EXPECT_EQ(place(picture_, 10'040ms), 10'040ms);
    EXPECT_EQ(place(picture_, 10'080ms), 10'080ms);
  }
}

TEST_F(ClipClockTest, FollowsMoreJumpsThanItRemembers) {
  Duration end = 0s;
  for (int join = 0; join < 20; ++join) {
    run(picture_, 0s, 2s);
    run(sound_, 0s, 1800ms);
    end += 2s;
    EXPECT_EQ(*picture_.last, MediaTime(end - 40ms));
    EXPECT_EQ(picture_.correction, sound_.correction);
  }
}

}  // namespace
}  // namespace mayfly
