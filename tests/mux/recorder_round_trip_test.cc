#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "mux/recorder.h"
#include "tests/mux/recording.h"
#include "tests/support/made_clip.h"

namespace mayfly {
namespace {

using testing::MadeClip;
using testing::test_picture;
using testing::test_picture_and_tone;

struct RoundTrip {
  std::string name;
  std::string clip;    // file name
  std::string coding;  // ffmpeg's options for it
  bool sound;
  std::string into;  // extension of the recording
  // Whether the container frames the same bytes in the same way, so that payloads are identical.
  bool same_bytes;
  Duration tick;  // what the recording's container can tell apart
};

void PrintTo(const RoundTrip& trip, std::ostream* out) { *out << trip.name; }

constexpr Duration kExact = 0us;
constexpr Duration kMpegTick = 12us;   // 1/90000 s, rounded up
constexpr Duration kAudioTick = 21us;  // 1/48000 s: MP4 counts sound in samples
constexpr Duration kMatroskaTick = 1000us;

const char* const kMpeg2 = "-c:v mpeg2video -bf 2 -g 12 -c:a mp2";
const char* const kH264 =
    "-c:v libx264 -preset ultrafast -bf 3 -g 20 -x264-params b-pyramid=2:bframes=3 -c:a aac";
const char* const kHevc =
    "-c:v libx265 -preset ultrafast -x265-params log-level=none:bframes=3:keyint=20";
const char* const kMpeg4 = "-c:v mpeg4 -bf 2 -g 12 -c:a libmp3lame";
const char* const kVp9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 20 -c:a libopus";
const char* const kAv1 = "-c:v libaom-av1 -cpu-used 8 -usage realtime -g 20";

std::vector<RoundTrip> round_trips() {
  return {
      {"Mpeg2FromTsIntoTs", "a.ts", kMpeg2, true, "ts", true, kMpegTick},
      {"Mpeg2FromTsIntoMatroska", "a.ts", kMpeg2, true, "mkv", true, kMatroskaTick},
      {"Mpeg2FromTsIntoMp4", "a.ts", kMpeg2, true, "mp4", true, kAudioTick},
      {"Mpeg2FromTsIntoProgramStream", "a.ts", kMpeg2, true, "mpg", true, kMpegTick},
      {"H264FromMp4IntoMatroska", "a.mp4", kH264, true, "mkv", true, kMatroskaTick},
      {"H264FromMp4IntoMp4", "a.mp4", kH264, true, "mp4", true, kExact},
      {"H264FromMp4IntoTs", "a.mp4", kH264, true, "ts", false, kMpegTick},
      {"H264FromTsIntoMatroska", "a.ts", kH264, true, "mkv", false, kMatroskaTick},
      {"H264FromTsIntoMp4", "a.ts", kH264, true, "mp4", false, kAudioTick},
      {"H264FromTsIntoTs", "a.ts", kH264, true, "ts", true, kMpegTick},
      {"HevcFromMp4IntoMatroska", "a.mp4", kHevc, false, "mkv", true, kMatroskaTick},
      {"HevcFromMp4IntoMp4", "a.mp4", kHevc, false, "mp4", true, kExact},
      {"HevcFromMp4IntoTs", "a.mp4", kHevc, false, "ts", false, kMpegTick},
      {"HevcFromTsIntoMp4", "a.ts", kHevc, false, "mp4", false, kAudioTick},
      {"Mpeg4FromAviIntoMatroska", "a.avi", kMpeg4, true, "mkv", true, kMatroskaTick},
      {"Mpeg4FromAviIntoMp4", "a.avi", kMpeg4, true, "mp4", true, kExact},
      {"Mpeg4FromAviIntoAvi", "a.avi", kMpeg4, true, "avi", true, kExact},
      {"Vp9FromWebmIntoWebm", "a.webm", kVp9, true, "webm", true, kMatroskaTick},
      {"Vp9FromWebmIntoMp4", "a.webm", kVp9, true, "mp4", true, kMatroskaTick},
      {"Av1FromMatroskaIntoMatroska", "a.mkv", kAv1, false, "mkv", true, kMatroskaTick},
      {"Av1FromMatroskaIntoMp4", "a.mkv", kAv1, false, "mp4", true, kMatroskaTick},
      {"MjpegAndPcmFromAviIntoMatroska", "a.avi", "-c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le",
       true, "mkv", true, kMatroskaTick},
      {"Ac3FromMatroskaIntoMp4", "a.mkv", "-c:v mpeg4 -bf 0 -c:a ac3", true, "mp4", true,
       kMatroskaTick},
      {"VorbisFromMatroskaIntoMatroska", "a.mkv", "-c:v mpeg4 -bf 0 -c:a libvorbis", true, "mkv",
       true, kMatroskaTick},
      {"FlacFromMatroskaIntoMatroska", "a.mkv", "-c:v libtheora -c:a flac", true, "mkv", true,
       kMatroskaTick},
  };
}

class RecorderRoundTripTest : public ::testing::TestWithParam<RoundTrip> {};

// When each frame is shown, from the clip's first picture.
std::vector<Duration> shown_at(const ReadClip& clip, TrackId track) {
  std::vector<Duration> times;
  for (const Frame& frame : clip.of(track)) {
    times.push_back(frame.pts - clip.of(clip.tracks.front().id).front().pts);
  }
  return times;
}

Duration largest_shift(const std::vector<Duration>& from, const std::vector<Duration>& to) {
  Duration largest{};
  for (size_t i = 0; i < std::min(from.size(), to.size()); ++i) {
    largest = std::max<Duration>(largest, std::chrono::abs(to[i] - from[i]));
  }
  return largest;
}

// MP4 has one name for the layers of MPEG audio, and libavformat reads it as the third.
std::string codec_kept(const std::string& codec) { return codec == "mp2" ? "mp3" : codec; }

void expect_same_essence(const ReadClip& source, const ReadClip& recording, size_t which) {
  const std::vector<Frame> wanted = source.of(source.tracks[which].id);
  const std::vector<Frame> got = recording.of(recording.tracks[which].id);
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_EQ(essence_of(recording.tracks[which], got[i]),
              essence_of(source.tracks[which], wanted[i]))
        << "frame " << i;
    EXPECT_EQ(got[i].picture_type, wanted[i].picture_type) << "frame " << i;
  }
}

TEST_P(RecorderRoundTripTest, KeepsEveryFrameAndItsTime) {
  const RoundTrip& trip = GetParam();
  const MadeClip clip(trip.clip,
                      (trip.sound ? test_picture_and_tone() : test_picture()) + trip.coding);
  const std::filesystem::path file = clip.folder() / ("recorded." + trip.into);
  const ReadClip source = read_clip(clip.path());
  auto recorder = Recorder::create(file);
  ASSERT_TRUE(recorder.has_value()) << recorder.error().message;

  record(source, **recorder);
  if (HasFatalFailure()) return;

  const ReadClip recording = read_clip(file);
  ASSERT_EQ(recording.tracks.size(), source.tracks.size());
  for (size_t which = 0; which < source.tracks.size(); ++which) {
    EXPECT_EQ(codec_kept(recording.tracks[which].codec), codec_kept(source.tracks[which].codec));
    expect_same_essence(source, recording, which);
    const TrackId track = source.tracks[which].id;
    EXPECT_LE(largest_shift(shown_at(source, track), shown_at(recording, track)), trip.tick + 1us)
        << "track " << which;
  }
}

TEST_P(RecorderRoundTripTest, KeepsThePayloadsWhereTheContainerFramesThemAlike) {
  const RoundTrip& trip = GetParam();
  if (!trip.same_bytes) GTEST_SKIP() << "this container frames NAL units or AAC differently";
  const MadeClip clip(trip.clip,
                      (trip.sound ? test_picture_and_tone() : test_picture()) + trip.coding);
  const std::filesystem::path file = clip.folder() / ("recorded." + trip.into);
  const ReadClip source = read_clip(clip.path());
  auto recorder = Recorder::create(file);
  ASSERT_TRUE(recorder.has_value()) << recorder.error().message;

  record(source, **recorder);
  if (HasFatalFailure()) return;

  const ReadClip recording = read_clip(file);
  ASSERT_EQ(recording.tracks.size(), source.tracks.size());
  for (size_t which = 0; which < source.tracks.size(); ++which) {
    const std::vector<Frame> wanted = source.of(source.tracks[which].id);
    const std::vector<Frame> got = recording.of(recording.tracks[which].id);
    ASSERT_EQ(got.size(), wanted.size());
    for (size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_EQ(*got[i].payload, *wanted[i].payload) << "track " << which << " frame " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Containers, RecorderRoundTripTest, ::testing::ValuesIn(round_trips()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace mayfly
