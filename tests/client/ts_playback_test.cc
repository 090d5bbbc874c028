#include "client/ts_playback.h"

#include <gtest/gtest.h>

namespace mayfly {
namespace {

constexpr Timestamp kStart{100s};
constexpr Duration kDelay = 500ms;
constexpr Duration kPicture = 40ms;

class TsPlaybackTest : public ::testing::Test {
 protected:
  static Frame picture(int number, FrameClass frame_class = FrameClass::P) {
    Frame frame;
    frame.track = TrackId(0);
    frame.frame_class = frame_class;
    frame.dts = MediaTime(10s + number * kPicture);
    frame.pts = frame.dts;
    frame.duration = kPicture;
    frame.payload = std::make_shared<const Bytes>(100);
    return frame;
  }
  // A sender's picture as it comes when nothing holds it up.
  void add_in_time(int number) { playback_.add(picture(number), kStart + number * kPicture); }

  TsPlayback playback_{{.playout_delay = kDelay}, kStart - 100ms};
};

TEST_F(TsPlaybackTest, TheFirstFrameIsDueAfterThePlayoutDelayAndTheOthersByTheirTimes) {
  EXPECT_EQ(playback_.next_due(), std::nullopt);
  for (int i = 0; i < 3; ++i) add_in_time(i);

  for (int i = 0; i < 3; ++i) {
    const Timestamp due = kStart + kDelay + i * kPicture;
    ASSERT_EQ(playback_.next_due(), due);
    EXPECT_EQ(playback_.take(due).bytes(), 100U);
  }
  EXPECT_EQ(playback_.next_due(), std::nullopt);
  const PlaybackStats stats = playback_.stats();
  EXPECT_EQ(stats.of(FrameClass::P), (ClassFates{.sent = 3, .on_time = 3, .bytes = 300}));
  EXPECT_EQ(stats.startup, Duration(600ms));
  EXPECT_EQ(stats.played, 3 * kPicture);
}

TEST_F(TsPlaybackTest, AFrameAfterItsTimeIsLateAndThoseThatCatchUpAreNot) {
  add_in_time(0);
  // Held up together with the next, and then both come at once.
  const Timestamp late = kStart + 1 * kPicture + kDelay + 10ms;
  playback_.add(picture(1), late);
  playback_.add(picture(2), late);

  const ClassFates fates = playback_.stats().of(FrameClass::P);
  EXPECT_EQ(fates.late, 1U);
  EXPECT_EQ(fates.on_time, 2U);
  EXPECT_EQ(fates.sent, 3U);
}

TEST_F(TsPlaybackTest, ASenderThatStoodStillIsWaitedForOnceAndThenNothingIsLate) {
  add_in_time(0);
  EXPECT_TRUE(playback_.take(*playback_.next_due()).payload);
  // It stood for four seconds, and goes on as if nothing had been.
  const Duration stood = 4s;
  for (int i = 1; i < 50; ++i) {
    playback_.add(picture(i), kStart + stood + i * kPicture);
    const auto due = playback_.next_due();
    ASSERT_EQ(due, kStart + stood + i * kPicture + kDelay) << i;
    EXPECT_TRUE(playback_.take(*due).payload);
  }
  const PlaybackStats stats = playback_.stats();
  EXPECT_EQ(stats.of(FrameClass::P).late, 1U);
  EXPECT_EQ(stats.freezes.count, 1U);
  EXPECT_EQ(stats.freezes.longest, stood + kPicture);
}

TEST_F(TsPlaybackTest, TimesThatJumpGoOnWithoutAGap) {
  add_in_time(0);
  Frame jumped = picture(1);
  jumped.dts = jumped.pts = MediaTime(7000s);
  playback_.add(jumped, kStart + kPicture);

  EXPECT_TRUE(playback_.take(kStart + kDelay).payload);
  EXPECT_EQ(playback_.next_due(), kStart + kDelay + kPicture);
  EXPECT_EQ(playback_.stats().of(FrameClass::P).late, 0U);
}

TEST_F(TsPlaybackTest, APauseIsNoFreezeAndMakesNothingLate) {
  for (int i = 0; i < 10; ++i) add_in_time(i);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(playback_.take(*playback_.next_due()).payload);
  const Timestamp paused = kStart + kDelay + 5 * kPicture - 10ms;
  playback_.pause(paused);
  EXPECT_EQ(playback_.next_due(), std::nullopt);
  playback_.add(picture(10), paused + 50s);
  playback_.resume(paused + 60s);

  EXPECT_EQ(playback_.next_due(), kStart + kDelay + 5 * kPicture + 60s);
  while (const auto due = playback_.next_due()) EXPECT_TRUE(playback_.take(*due).payload);
  playback_.end();
  const PlaybackStats stats = playback_.stats();
  EXPECT_EQ(stats.of(FrameClass::P).late, 0U);
  EXPECT_EQ(stats.freezes.count, 0U);
  EXPECT_EQ(stats.played, 11 * kPicture);
}

}  // namespace
}  // namespace mayfly
