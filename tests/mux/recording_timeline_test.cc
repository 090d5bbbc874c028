#include "mux/recording_timeline.h"

#include <gtest/gtest.h>

namespace mayfly {
namespace {

constexpr TrackId kVideo(0);
constexpr TrackId kAudio(1);

Frame frame_at(TrackId track, Duration dts) {
  Frame frame;
  frame.track = track;
  frame.dts = frame.pts = MediaTime(dts);
  frame.duration = 40ms;
  return frame;
}

TEST(RecordingTimelineTest, MovesNothingWithoutAJump) {
  RecordingTimeline timeline;
  timeline.discontinuity();  // before the first frame there is nothing to go on from

  EXPECT_EQ(timeline.shift_for(frame_at(kVideo, 1400ms)), 0ms);
  EXPECT_EQ(timeline.shift_for(frame_at(kVideo, 9s)), 0ms);
}

TEST(RecordingTimelineTest, GoesOnWhereTheRecordingStandsAfterASeek) {
  RecordingTimeline timeline;
  ASSERT_EQ(timeline.shift_for(frame_at(kVideo, 60s)), 0ms);

  timeline.discontinuity();

  EXPECT_EQ(timeline.shift_for(frame_at(kVideo, 10s)), 50'040ms);
  EXPECT_EQ(timeline.shift_for(frame_at(kVideo, 10'040ms)), 50'040ms);
}

TEST(RecordingTimelineTest, TakesALargeStepBackForAClipThatStartedOver) {
  RecordingTimeline timeline;
  ASSERT_EQ(timeline.shift_for(frame_at(kVideo, 8s)), 0ms);

  EXPECT_EQ(timeline.shift_for(frame_at(kVideo, 0ms)), 8040ms);
}

TEST(RecordingTimelineTest, LeavesASmallStepBackToTheContainer) {
  RecordingTimeline timeline;
  ASSERT_EQ(timeline.shift_for(frame_at(kVideo, 8s)), 0ms);

  EXPECT_EQ(timeline.shift_for(frame_at(kVideo, 7999ms)), 0ms);
}

TEST(RecordingTimelineTest, KeepsTracksInStepOverAJump) {
  RecordingTimeline timeline;
  ASSERT_EQ(timeline.shift_for(frame_at(kVideo, 5s)), 0ms);
  ASSERT_EQ(timeline.shift_for(frame_at(kAudio, 5010ms)), 0ms);
  timeline.discontinuity();

  ASSERT_EQ(timeline.shift_for(frame_at(kVideo, 1s)), 4050ms);
  EXPECT_EQ(timeline.shift_for(frame_at(kAudio, 960ms)), std::nullopt);  // before what it has
  EXPECT_EQ(timeline.shift_for(frame_at(kAudio, 1s)), 4050ms);
  EXPECT_EQ(timeline.shift_for(frame_at(kVideo, 1040ms)), 4050ms);
}

}  // namespace
}  // namespace mayfly
