#include "demux/frame_builder.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace mayfly {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Bytes bytes_of(std::initializer_list<int> values) {
  Bytes bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

// An MPEG-2 picture of that type and structure (3: a frame, 1 and 2: its fields).
Bytes mpeg2_picture(PictureType type, int structure = 3) {
  const int coding_type = type == PictureType::I ? 1 : type == PictureType::P ? 2 : 3;
  return bytes_of({0, 0, 1,    0x00, 0,    coding_type << 3, 0,    0, 0,
                   0, 1, 0xB5, 0x8F, 0xFF, structure,        0x80, 0, 0,
                   0, 1, 0x01, 0x12});
}

// An MPEG-4 layer header with a time resolution of 25, and pictures by it.
Bytes mpeg4_layer() { return bytes_of({0, 0, 1, 0x20, 0x00, 0x84, 0x40, 0x06, 0x60}); }
Bytes mpeg4_picture(PictureType type, bool coded = true) {
  const int coding_type = type == PictureType::I ? 0 : type == PictureType::P ? 1 : 2;
  // Type, no whole second, marker, five bits of time, marker, whether it is coded.
  return bytes_of({0, 0, 1, 0xB6, coding_type << 6 | 0x10, coded ? 0x60 : 0x40, 0x77});
}

Bytes operator+(Bytes one, const Bytes& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

class FrameBuilderTest : public testing::Test {
 protected:
  void start(const std::string& codec, Bytes extradata = {}) {
    Track track;
    track.codec = codec;
    track.extradata = std::move(extradata);
    track.video.frame_rate = {10, 1};
    builder_.emplace(track, FrameBuilder::Options{.container_tells_pts = false});
  }
  void push(Bytes bytes) {
    CodedPacket packet;
    packet.bytes = std::move(bytes);
    packet.dts = MediaTime(packets_ * 100ms);
    packet.ordinal = packets_++;
    builder_->push(std::move(packet));
  }
  std::vector<Frame> all() {
    builder_->finish();
    std::vector<Frame> frames;
    while (auto frame = builder_->pop()) frames.push_back(std::move(*frame));
    return frames;
  }
  std::optional<FrameBuilder> builder_;
  uint64_t packets_ = 0;
};

std::string types_of(const std::vector<Frame>& frames) {
  std::string types;
  for (const Frame& frame : frames) types += to_string(*frame.picture_type);
  return types;
}

TEST_F(FrameBuilderTest, GivesPtsByTheOrderOfPresentationWhereTheContainerTellsNone) {
  start("mpeg2video");
  for (const PictureType type : {PictureType::I, PictureType::P, PictureType::B, PictureType::B}) {
    push(mpeg2_picture(type));
  }

  std::vector<int64_t> tenths;
  for (const Frame& frame : all()) tenths.push_back(frame.pts.time_since_epoch() / 100ms);

  EXPECT_THAT(tenths, ElementsAre(1, 4, 2, 3));
}

TEST_F(FrameBuilderTest, JoinsTwoFieldPicturesOfOneFrame) {
  start("mpeg2video");
  push(mpeg2_picture(PictureType::I, 1));
  push(mpeg2_picture(PictureType::P, 2));
  push(mpeg2_picture(PictureType::P, 1) + mpeg2_picture(PictureType::P, 2));
  push(mpeg2_picture(PictureType::B, 1));
  push(mpeg2_picture(PictureType::B, 2));

  const auto frames = all();

  EXPECT_EQ(types_of(frames), "IPB");
  EXPECT_TRUE(*frames[0].payload ==
              mpeg2_picture(PictureType::I, 1) + mpeg2_picture(PictureType::P, 2));
  EXPECT_THAT(frames[2].references, ElementsAre(FrameNumber(0), FrameNumber(1)));
  EXPECT_EQ(frames[2].frame_class, FrameClass::B);
}

TEST_F(FrameBuilderTest, SplitsPackedPicturesAndJoinsTheirPlaceholder) {
  start("mpeg4", mpeg4_layer());
  push(mpeg4_layer() + mpeg4_picture(PictureType::I));
  push(mpeg4_picture(PictureType::P) + mpeg4_picture(PictureType::B));
  push(mpeg4_picture(PictureType::P, false));
  push(mpeg4_picture(PictureType::P));

  const auto frames = all();

  ASSERT_EQ(types_of(frames), "IPBP");
  EXPECT_TRUE(*frames[2].payload ==
              mpeg4_picture(PictureType::B) + mpeg4_picture(PictureType::P, false));
  EXPECT_EQ(frames[2].dts, MediaTime(200ms));
  EXPECT_LT(frames[2].pts, frames[1].pts);
  EXPECT_THAT(frames[3].references, ElementsAre(FrameNumber(1)));
}

TEST_F(FrameBuilderTest, NeverLetsDecodeTimesGoBack) {
  start("mjpeg");
  CodedPacket packet;
  packet.bytes = bytes_of({1});
  for (const Duration dts : {1000ms, 900ms, 1100ms, -50'000ms, -49'900ms}) {
    packet.dts = MediaTime(dts);
    builder_->push(packet);
  }

  const auto frames = all();

  ASSERT_EQ(frames.size(), 5U);
  for (size_t index = 1; index < frames.size(); ++index) {
    EXPECT_LT(frames[index - 1].dts, frames[index].dts);
  }
  // A jump of the clock goes on where it was.
  EXPECT_LT(frames[4].dts, MediaTime(1400ms));
}

TEST_F(FrameBuilderTest, LeavesOutLeadingPicturesOnlyWhenReadingBeginsInTheMiddle) {
  for (const bool skip : {false, true}) {
    Track track;
    track.codec = "mpeg2video";
    builder_.emplace(
        track, FrameBuilder::Options{.container_tells_pts = false, .skip_undecodable_start = skip});
    for (const PictureType type :
         {PictureType::I, PictureType::B, PictureType::B, PictureType::P, PictureType::B}) {
      push(mpeg2_picture(type));
    }

    const auto frames = all();

    EXPECT_EQ(types_of(frames), skip ? "IPB" : "IBBPB");
    EXPECT_THAT(frames.back().references, ElementsAre(FrameNumber(0), FrameNumber(skip ? 1 : 3)));
  }
}

TEST_F(FrameBuilderTest, GoesForwardWhateverTimesItIsTold) {
  for (const bool may_jump_ahead : {false, true}) {
    Track sound;
    sound.kind = TrackKind::Audio;
    builder_.emplace(sound,
                     FrameBuilder::Options{.clock = std::make_shared<ClipClock>(may_jump_ahead)});
    uint64_t state = 1;
    for (int packet = 0; packet < 10'000; ++packet) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      CodedPacket made;
      made.bytes = bytes_of({1});
      // Of any size, from microseconds to more than there are.
      made.dts = MediaTime(Duration(static_cast<int64_t>(state) >> (state % 64)));
      made.duration = Duration(static_cast<int64_t>(state >> 20U) % 3'600'000'000);  // to an hour
      builder_->push(std::move(made));
    }

    const auto frames = all();

    ASSERT_EQ(frames.size(), 10'000U);
    for (size_t index = 1; index < frames.size(); ++index) {
      ASSERT_LT(frames[index - 1].dts, frames[index].dts) << index;
    }
  }
}

TEST_F(FrameBuilderTest, BeginsATrackBesideAnotherWithItsFirstKeyframe) {
  Track track;
  track.codec = "mpeg2video";
  builder_.emplace(track, FrameBuilder::Options{.container_tells_pts = false,
                                                .skip_undecodable_start = true,
                                                .start = MediaTime(100ms),
                                                .start_with_keyframe = true});
  for (const PictureType type : {PictureType::I,  // too early
                                 PictureType::P, PictureType::B, PictureType::I, PictureType::B,
                                 PictureType::P, PictureType::B}) {
    push(mpeg2_picture(type));
  }

  const auto frames = all();

  ASSERT_EQ(types_of(frames), "IPB");
  EXPECT_EQ(frames[0].number, FrameNumber(0));
  EXPECT_EQ(frames[0].dts, MediaTime(300ms));
  EXPECT_THAT(frames[1].references, ElementsAre(FrameNumber(0)));
  EXPECT_THAT(frames[2].references, ElementsAre(FrameNumber(0), FrameNumber(1)));
}

TEST_F(FrameBuilderTest, ShowsNothingBeforeItIsDecodedWhereTracksOverlap) {
  auto clock = std::make_shared<ClipClock>();
  Track sound;
  sound.kind = TrackKind::Audio;
  builder_.emplace(sound, FrameBuilder::Options{.clock = clock});
  ClipClock::Position picture;
  clock->follow(picture, MediaTime(10s), 40ms);
  clock->follow(picture, MediaTime(0s), 40ms);  // what is told as 0 is 10.04 s from here on
  CodedPacket packet;
  packet.bytes = bytes_of({1});
  for (const Duration told : {10'300ms, 0ms, 20ms}) {
    packet.pts = packet.dts = MediaTime(told);
    builder_->push(packet);
  }

  const auto frames = all();

  ASSERT_EQ(frames.size(), 3U);
  for (size_t index = 1; index < frames.size(); ++index) {
    EXPECT_LT(frames[index - 1].dts, frames[index].dts);
    EXPECT_GE(frames[index].pts, frames[index].dts);
  }
  EXPECT_LT(frames[2].pts, MediaTime(10'310ms));
}

TEST_F(FrameBuilderTest, GivesBytesThatTrailTheLastPictureInAFrameThatIsNeverShown) {
  Track track;
  track.codec = "mpeg2video";
  builder_.emplace(track, FrameBuilder::Options{});  // pts told: pictures are out at once
  const Bytes end_of_sequence = bytes_of({0, 0, 1, 0xB7});
  CodedPacket packet;
  packet.bytes = mpeg2_picture(PictureType::I);
  packet.pts = packet.dts = MediaTime(0ms);
  builder_->push(packet);
  ASSERT_TRUE(builder_->pop());
  push(end_of_sequence);

  const auto rest = all();

  ASSERT_EQ(rest.size(), 1U);
  EXPECT_TRUE(*rest[0].payload == end_of_sequence);
  EXPECT_EQ(rest[0].picture_type, std::nullopt);
  EXPECT_EQ(rest[0].frame_class, FrameClass::B);
}

TEST_F(FrameBuilderTest, KeepsNothingOfAPictureThatNeverBegins) {
  start("h264");
  for (int packet = 0; packet < 100; ++packet) push(bytes_of({0, 0, 1, 9, 0x10}));

  EXPECT_THAT(all(), IsEmpty());
}

}  // namespace
}  // namespace mayfly
