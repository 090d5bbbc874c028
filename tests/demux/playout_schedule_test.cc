#include "demux/playout_schedule.h"

#include <gmock/gmock.h>

namespace mayfly {
namespace {

constexpr Timestamp kStart{100s};

Frame frame_at(Duration dts, TrackId track = TrackId(0), Duration duration = 40ms) {
  Frame frame;
  frame.track = track;
  frame.dts = MediaTime(dts);
  frame.pts = MediaTime(dts + 80ms);
  frame.duration = duration;
  return frame;
}

class PlayoutScheduleTest : public ::testing::Test {
 protected:
  // When the frame is due, counted from the start.
  Duration place(Duration dts, TrackId track = TrackId(0)) {
    Frame frame = frame_at(dts, track);
    schedule_.place(frame);
    if (!std::exchange(began_, true)) schedule_.begin(kStart, frame.dts);
    EXPECT_EQ(frame.pts - frame.dts, 80ms) << "both move together";
    EXPECT_EQ(schedule_.deadline(frame), schedule_.due(frame) + 300ms);
    return schedule_.due(frame) - kStart;
  }

  PlayoutSchedule schedule_{300ms};
  bool began_ = false;
};

TEST_F(PlayoutScheduleTest, CountsFromTheFirstFrameEvenBelowZero) {
  EXPECT_EQ(place(-80ms), 0ms);
  EXPECT_EQ(place(-40ms), 40ms);
  EXPECT_EQ(place(0ms), 80ms);
}

TEST_F(PlayoutScheduleTest, LeavesWobbleAndLongPicturesAlone) {
  EXPECT_EQ(place(0ms), 0ms);
  EXPECT_EQ(place(40ms), 40ms);
  EXPECT_EQ(place(30ms), 30ms);
  EXPECT_EQ(place(45s), 45s);
}

TEST_F(PlayoutScheduleTest, BridgesAGapNoPictureLasts) {
  EXPECT_EQ(place(0ms), 0ms);
  EXPECT_EQ(place(40ms), 40ms);
  EXPECT_EQ(place(26h), 80ms);
  EXPECT_EQ(place(26h + 40ms), 120ms);
}

TEST_F(PlayoutScheduleTest, GoesOnAfterAReset) {
  EXPECT_EQ(place(26h), 0ms);
  EXPECT_EQ(place(26h + 40ms), 40ms);
  EXPECT_EQ(place(0ms), 80ms);
  EXPECT_EQ(place(40ms), 120ms);
}

TEST_F(PlayoutScheduleTest, KeepsSoundAndPictureTogetherAcrossAJump) {
  EXPECT_EQ(place(0ms, TrackId(0)), 0ms);
  EXPECT_EQ(place(0ms, TrackId(1)), 0ms);
  EXPECT_EQ(place(26h, TrackId(0)), 40ms);
  EXPECT_EQ(place(20ms, TrackId(1)), 20ms) << "sound from before the jump comes after it";
  EXPECT_EQ(place(26h + 40ms, TrackId(0)), 80ms);
  EXPECT_EQ(place(26h + 20ms, TrackId(1)), 60ms);
}

TEST_F(PlayoutScheduleTest, LeavesSoundThatPausesWithItsPicture) {
  EXPECT_EQ(place(0ms, TrackId(0)), 0ms);
  EXPECT_EQ(place(0ms, TrackId(1)), 0ms);
  for (Duration at = 30s; at <= 300s; at += 30s) EXPECT_EQ(place(at, TrackId(0)), at);

  EXPECT_EQ(place(300s, TrackId(1)), 300s);
}

TEST_F(PlayoutScheduleTest, APauseMovesWhatComesAfter) {
  EXPECT_EQ(place(0ms), 0ms);
  schedule_.pause(kStart + 10ms);
  schedule_.pause(kStart + 1s);
  EXPECT_TRUE(schedule_.is_paused());
  schedule_.resume(kStart + 5010ms);
  schedule_.resume(kStart + 9s);

  EXPECT_EQ(place(40ms), 5040ms);
}

TEST_F(PlayoutScheduleTest, EndsWhenItsLastFrameDoes) {
  static_cast<void>(place(0ms));
  static_cast<void>(place(960ms));

  EXPECT_EQ(schedule_.end(), kStart + 1s);
}

TEST_F(PlayoutScheduleTest, AnEmptyTurnStillTakesTime) {
  schedule_.begin(kStart, MediaTime{});

  EXPECT_GT(schedule_.end(), kStart);
}

TEST_F(PlayoutScheduleTest, PostponesALiveInputThatStoodStill) {
  EXPECT_EQ(place(0ms), 0ms);
  schedule_.postpone(2s);

  EXPECT_EQ(place(40ms), 2040ms);
  EXPECT_EQ(place(80ms), 2080ms);
}

}  // namespace
}  // namespace mayfly
