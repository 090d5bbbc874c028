#include "mux/ts_muxer.h"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/mux/recording.h"
#include "tests/support/made_clip.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;
using testing::MadeClip;
using testing::test_picture;
using testing::test_picture_and_tone;

// Muxes a clip frame by frame into a file beside it, and reads that back.
ReadClip muxed(const MadeClip& clip, const ReadClip& source) {
  const auto file = clip.folder() / "muxed.ts";
  std::ofstream out(file, std::ios::binary);
  auto muxer = TsMuxer::create(source.tracks);
  EXPECT_TRUE(muxer) << muxer.error().message;
  if (!muxer) return {};
  for (const Frame& frame : source.frames) {
    const auto packets = (*muxer)->mux(frame);
    EXPECT_TRUE(packets) << packets.error().message;
    if (!packets) return {};
    // Every frame comes out at once, in whole packets.
    EXPECT_GT(packets->size(), 0U);
    EXPECT_EQ(packets->size() % kTsPacketBytes, 0U);
    for (size_t at = 0; at < packets->size(); at += kTsPacketBytes) {
      EXPECT_EQ((*packets)[at], std::byte{0x47});
    }
    out << as_text(*packets);
  }
  out.close();
  return read_clip(file);
}

void expect_same_content(const ReadClip& one, const ReadClip& other) {
  ASSERT_EQ(one.tracks.size(), other.tracks.size());
  for (const Track& track : one.tracks) {
    const auto frames = one.of(track.id);
    const auto read_back = other.of(track.id);
    ASSERT_EQ(frames.size(), read_back.size()) << track.codec;
    for (size_t i = 0; i < frames.size(); ++i) {
      ASSERT_EQ(essence_of(track, frames[i]),
                essence_of(other.tracks[track.id.value()], read_back[i]))
          << track.codec << " frame " << i;
    }
  }
}

TEST(TsMuxerTest, EveryFrameIsInItsOwnPacketsAndComesBackByteForByte) {
  for (const char* codecs : {"-c:v libx264 -g 12 -bf 2 -c:a aac", "-c:v mpeg2video -bf 2 -c:a mp2",
                             "-c:v libx265 -x265-params log-level=none -c:a ac3"}) {
    SCOPED_TRACE(codecs);
    const MadeClip clip("clip.mkv", test_picture_and_tone(1) + codecs);
    const ReadClip source = read_clip(clip.path());
    expect_same_content(source, muxed(clip, source));
  }
}

TEST(TsMuxerTest, SaysWhichCodecItDoesNotHold) {
  const MadeClip clip("clip.webm", test_picture(1) + "-c:v libvpx-vp9 -deadline realtime");
  const auto made = TsMuxer::create(read_clip(clip.path()).tracks);

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(made.error().message, HasSubstr("vp9 does not fit into MPEG-TS"));
}

}  // namespace
}  // namespace mayfly
