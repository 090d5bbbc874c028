#include "demux/frame_lookahead.h"

#include <gmock/gmock.h>

namespace mayfly {
namespace {

Frame frame(Duration dts, uint8_t track, uint32_t number, size_t bytes = 10) {
  Frame frame;
  frame.track = TrackId(track);
  frame.number = FrameNumber(number);
  frame.frame_class = track == 0 ? FrameClass::P : FrameClass::Audio;
  frame.dts = MediaTime(dts);
  frame.payload = std::make_shared<const Bytes>(Bytes(bytes));
  return frame;
}

TEST(FrameLookaheadTest, PutsLooselyInterleavedTracksInOrder) {
  FrameLookahead lookahead;
  for (uint32_t i = 0; i < 10; ++i) lookahead.add(frame(40ms * i, 0, i));
  for (uint32_t i = 0; i < 10; ++i) lookahead.add(frame(40ms * i + 5ms, 1, i));

  MediaTime last{};
  while (!lookahead.empty()) {
    const Frame next = lookahead.take();
    EXPECT_GE(next.dts, last);
    last = next.dts;
  }
}

TEST(FrameLookaheadTest, NeverTurnsTheOrderWithinATrack) {
  FrameLookahead lookahead;
  lookahead.add(frame(40ms, 0, 0));
  lookahead.add(frame(20ms, 0, 1));
  lookahead.add(frame(60ms, 0, 2));

  EXPECT_EQ(lookahead.take().number, FrameNumber(0));
  EXPECT_EQ(lookahead.take().number, FrameNumber(1));
  EXPECT_EQ(lookahead.take().number, FrameNumber(2));
}

TEST(FrameLookaheadTest, IsBoundedInTimeFramesAndBytesButTakesOneOfAnySize) {
  FrameLookahead by_time({.span = 100ms});
  by_time.add(frame(0ms, 0, 0));
  EXPECT_TRUE(by_time.wants_more());
  by_time.add(frame(100ms, 0, 1));
  EXPECT_FALSE(by_time.wants_more());

  FrameLookahead by_count({.most_frames = 1});
  by_count.add(frame(0ms, 0, 0));
  EXPECT_FALSE(by_count.wants_more());

  FrameLookahead by_bytes({.most_bytes = 100});
  EXPECT_TRUE(by_bytes.wants_more());
  by_bytes.add(frame(0ms, 0, 0, 1000));
  EXPECT_FALSE(by_bytes.wants_more());
  static_cast<void>(by_bytes.take());
  EXPECT_TRUE(by_bytes.wants_more());
}

TEST(FrameLookaheadTest, FindsTheIFrameAPlayoutStartsWith) {
  FrameLookahead lookahead;
  EXPECT_EQ(lookahead.first_i_frame(), nullptr);
  lookahead.add(frame(0ms, 1, 0));
  EXPECT_EQ(lookahead.first_i_frame()->track, TrackId(1));
  Frame picture = frame(10ms, 0, 0);
  picture.frame_class = FrameClass::I;
  lookahead.add(picture);

  EXPECT_EQ(lookahead.first_i_frame()->track, TrackId(0));
}

}  // namespace
}  // namespace mayfly
