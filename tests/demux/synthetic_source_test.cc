#include "demux/synthetic_source.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <variant>

namespace mayfly {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Frame> all_frames(MediaSource& source) {
  std::vector<Frame> frames;
  for (;;) {
    auto reading = source.next();
    if (!reading || !std::holds_alternative<Frame>(*reading)) return frames;
    frames.push_back(std::get<Frame>(std::move(*reading)));
  }
}

TEST(SyntheticSourceTest, ReordersBPicturesBeforeTheAnchorTheyFollow) {
  SyntheticSource source({.frame_rate = {10, 1}, .pattern = "IPBB", .pictures = 4});

  std::vector<int64_t> tenths;
  for (const Frame& frame : all_frames(source)) {
    EXPECT_GE(frame.pts, frame.dts);
    tenths.push_back(frame.pts.time_since_epoch() / 100ms);
  }

  EXPECT_THAT(tenths, ElementsAre(1, 4, 2, 3));
}

TEST(SyntheticSourceTest, NamesTheAnchorsAPictureNeeds) {
  SyntheticSource source({.pattern = "IPBB", .pictures = 6});
  const auto frames = all_frames(source);

  EXPECT_THAT(frames[0].references, IsEmpty());
  EXPECT_THAT(frames[1].references, ElementsAre(FrameNumber(0)));
  EXPECT_THAT(frames[3].references, ElementsAre(FrameNumber(0), FrameNumber(1)));
  EXPECT_THAT(frames[4].references, IsEmpty());
  EXPECT_EQ(frames[5].gop, 1U);
}

TEST(SyntheticSourceTest, LetsLeadingPicturesOfAnOpenGopNeedTheGopBefore) {
  SyntheticSource source({.pattern = "IBPB", .pictures = 8});
  const auto frames = all_frames(source);

  EXPECT_THAT(frames[5].references, ElementsAre(FrameNumber(2), FrameNumber(4)));
}

TEST(SyntheticSourceTest, PayloadsTellWhichFrameTheyAreAndWhetherTheyAreWhole) {
  SyntheticSource source({.size_spread = 0.5, .pictures = 3, .with_audio = true, .seed = 9});

  for (const Frame& frame : all_frames(source)) {
    EXPECT_EQ(SyntheticSource::genuine_position(9, frame.track, *frame.payload),
              frame.number.value());
    Bytes damaged = *frame.payload;
    damaged.back() ^= std::byte{1};
    EXPECT_EQ(SyntheticSource::genuine_position(9, frame.track, damaged), std::nullopt);
  }
}

TEST(SyntheticSourceTest, SeeksToTheKeyframeAtOrBeforeThePosition) {
  SyntheticSource source(
      {.frame_rate = {10, 1}, .pattern = "IPP", .pictures = 30, .with_audio = true});

  ASSERT_TRUE(source.seek(MediaTime(1'000ms)));
  const auto frames = all_frames(source);

  EXPECT_EQ(frames.front().pts, MediaTime(900ms));
  EXPECT_EQ(frames.front().number, FrameNumber(0));
  EXPECT_EQ(frames.front().gop, 0U);
  EXPECT_TRUE(frames.front().keyframe);
  EXPECT_EQ(SyntheticSource::genuine_position(1, TrackId(0), *frames.front().payload), 9U);
  const auto sound = std::find_if(frames.begin(), frames.end(), [](const Frame& frame) {
    return frame.frame_class == FrameClass::Audio;
  });
  EXPECT_EQ(sound->pts, MediaTime(900ms));
  EXPECT_EQ(sound->number, FrameNumber(0));
}

TEST(SyntheticSourceTest, InterleavesAudioByDecodeTime) {
  SyntheticSource source({.pictures = 50, .with_audio = true});
  MediaTime last{};

  for (const Frame& frame : all_frames(source)) {
    EXPECT_GE(frame.dts, last);
    last = frame.dts;
  }
}

}  // namespace
}  // namespace mayfly
