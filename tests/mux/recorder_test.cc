#include "mux/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "tests/mux/recording.h"
#include "tests/support/made_clip.h"

namespace mayfly {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::MadeClip;
using testing::test_picture;
using testing::test_picture_and_tone;

const char* const kH264AndAac =
    "-c:v libx264 -preset ultrafast -bf 2 -g 25 -b:v 2M -c:a aac -shortest";

Track track_in(const std::string& codec, TrackKind kind = TrackKind::Video) {
  Track track;
  track.codec = codec;
  track.kind = kind;
  track.video.width = 160;
  track.video.height = 120;
  return track;
}

std::string start_error(const std::filesystem::path& file, const std::vector<Track>& tracks) {
  auto recorder = Recorder::create(file);
  if (!recorder) return "create failed: " + recorder.error().message;
  const auto started = (*recorder)->start(tracks);
  return started ? "" : started.error().message;
}

// Hands over frames until the recorder refuses; none if it takes all.
std::optional<Error> consume_until_error(const ReadClip& clip, FrameSink& sink) {
  EXPECT_TRUE(sink.start(clip.tracks).has_value());
  for (const Frame& frame : clip.frames) {
    if (auto consumed = sink.consume(frame, Timestamp{}); !consumed) return consumed.error();
  }
  return std::nullopt;
}

TEST(RecorderTest, SaysWhichContainerTakesACodecThatDoesNotFit) {
  EXPECT_THAT(
      start_error(::testing::TempDir() + "x.webm", {track_in("h264")}),
      AllOf(HasSubstr("x.webm"), HasSubstr("h264 does not fit into WebM"), HasSubstr(".mkv")));
  EXPECT_THAT(start_error(::testing::TempDir() + "x.ts", {track_in("vp9")}),
              AllOf(HasSubstr("vp9 does not fit into MPEG-TS"), HasSubstr(".mkv")));
  EXPECT_THAT(start_error(::testing::TempDir() + "x.mp4", {track_in("theora")}),
              AllOf(HasSubstr("theora"), HasSubstr("MP4"), HasSubstr(".mkv")));
  EXPECT_THAT(start_error(::testing::TempDir() + "x.mpg", {track_in("hevc")}),
              HasSubstr("hevc does not fit into MPEG-1 Systems"));
}

TEST(RecorderTest, SaysThatAnElementaryStreamHoldsOneTrack) {
  EXPECT_THAT(start_error(::testing::TempDir() + "x.h264", {track_in("h264"), track_in("h264")}),
              AllOf(HasSubstr("holds one track, the clip has 2"), HasSubstr(".mkv")));
}

TEST(RecorderTest, LeavesNoFileBehindWhenTheClipDoesNotFit) {
  const std::filesystem::path file = ::testing::TempDir() + "unfit.webm";
  ASSERT_NE(start_error(file, {track_in("h264")}), "");

  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(RecorderTest, NamesKnownExtensionsWhenTheNameHasNone) {
  const auto none = Recorder::create(::testing::TempDir() + "recording");
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(none.error().message, AllOf(HasSubstr("no extension"), HasSubstr(".mkv")));

  const auto unknown = Recorder::create(::testing::TempDir() + "recording.xyz");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_THAT(unknown.error().message, HasSubstr("\".xyz\""));
}

TEST(RecorderTest, RefusesFormatsThatWriteMoreThanTheOneFile) {
  for (const char* name : {"x.m3u8", "x.mpd", "x.png"}) {
    const auto created = Recorder::create(::testing::TempDir() + name);
    ASSERT_FALSE(created.has_value()) << name;
    EXPECT_THAT(created.error().message, HasSubstr("does not write to a single file")) << name;
  }
}

TEST(RecorderTest, SaysWhenTheFolderIsNotThere) {
  const auto created = Recorder::create("/nonexistent/folder/x.mkv");

  ASSERT_FALSE(created.has_value());
  EXPECT_EQ(created.error().code, ErrorCode::NotFound);
  EXPECT_THAT(created.error().message, HasSubstr("there is no folder /nonexistent/folder"));
}

TEST(RecorderTest, TakesAnAddressForTheNameOfAFile) {
  const auto created = Recorder::create("http://127.0.0.1:1/x.mkv");

  ASSERT_FALSE(created.has_value());
  EXPECT_THAT(created.error().message, HasSubstr("there is no folder http:"));
}

TEST(RecorderTest, LeavesAnExistingFileAloneUntilFramesAreAboutToCome) {
  const std::filesystem::path file = ::testing::TempDir() + "kept.mkv";
  std::ofstream(file) << "precious";

  ASSERT_TRUE(Recorder::create(file).has_value());

  EXPECT_EQ(std::filesystem::file_size(file), 8U);
  std::filesystem::remove(file);
}

TEST(RecorderTest, OverwritesAnExistingFile) {
  const MadeClip clip("a.mp4", test_picture() + "-c:v mpeg4");
  const std::filesystem::path file = clip.folder() / "again.mkv";
  std::ofstream(file) << std::string(1'000'000, 'x');
  const ReadClip source = read_clip(clip.path());
  auto recorder = Recorder::create(file);
  ASSERT_TRUE(recorder.has_value());

  record(source, **recorder);

  EXPECT_EQ(read_clip(file).frames.size(), source.frames.size());
}

TEST(RecorderTest, RecordsWhatCameWhenFramesAreMissing) {
  const MadeClip clip("a.mp4", test_picture_and_tone() + kH264AndAac);
  ReadClip source = read_clip(clip.path());
  std::erase_if(source.frames, [](const Frame& frame) { return frame.number.value() % 7 == 3; });
  const std::filesystem::path file = clip.folder() / "gaps.mp4";
  auto recorder = Recorder::create(file);
  ASSERT_TRUE(recorder.has_value());

  record(source, **recorder);

  EXPECT_EQ(read_clip(file).frames.size(), source.frames.size());
}

TEST(RecorderTest, GoesOnWithoutAGapOverASeek) {
  const MadeClip clip("a.mp4", test_picture_and_tone(4) + kH264AndAac);
  const ReadClip source = read_clip(clip.path());
  const std::filesystem::path file = clip.folder() / "seek.mkv";
  auto recorder = Recorder::create(file);
  ASSERT_TRUE(recorder.has_value());
  ASSERT_TRUE((*recorder)->start(source.tracks).has_value());

  for (const Frame& frame : source.frames) {
    ASSERT_TRUE((*recorder)->consume(frame, Timestamp{}).has_value());
  }
  (*recorder)->discontinuity();
  for (const Frame& frame : source.frames) {
    ASSERT_TRUE((*recorder)->consume(frame, Timestamp{}).has_value());
  }
  ASSERT_TRUE((*recorder)->finish().has_value());

  const ReadClip recording = read_clip(file);
  const std::vector<Frame> pictures = recording.of(recording.tracks.front().id);
  ASSERT_EQ(pictures.size(), 200U);
  std::vector<MediaTime> shown;
  for (const Frame& frame : pictures) shown.push_back(frame.pts);
  std::sort(shown.begin(), shown.end());
  for (size_t i = 1; i < shown.size(); ++i) {
    EXPECT_GT(shown[i], shown[i - 1]);
    EXPECT_LE(shown[i] - shown[i - 1], 150ms) << i;
  }
}

class RecorderCutOffTest : public ::testing::TestWithParam<const char*> {};

TEST_P(RecorderCutOffTest, KeepsWhatWasRecordedUntilTheDiskWasFull) {
  constexpr rlim_t kDiskBytes = 600'000;
  const MadeClip clip("a.mp4",
                      test_picture_and_tone(8) + "-vf noise=alls=60:allf=t " + kH264AndAac);
  const ReadClip source = read_clip(clip.path());
  const std::filesystem::path file = clip.folder() / (std::string("full.") + GetParam());
  ASSERT_GT(std::filesystem::file_size(clip.path()), 2 * kDiskBytes);
  auto recorder = Recorder::create(file);
  ASSERT_TRUE(recorder.has_value());
  signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = kDiskBytes, .rlim_max = RLIM_INFINITY};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);

  const std::optional<Error> error = consume_until_error(source, **recorder);
  const auto finished = (*recorder)->finish();
  const rlimit large{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &large), 0);

  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, ErrorCode::Io);
  EXPECT_THAT(error->message, AllOf(HasSubstr(file.string()), HasSubstr("File too large")));
  ASSERT_FALSE(finished.has_value());
  EXPECT_EQ(finished.error(), *error);
  // A second at most is on its way to the file when the disk is full; 600 kB are more than that.
  const ReadClip recording = read_clip(file, true);
  EXPECT_GE(recording.frames.size(), 20U);
}

TEST_P(RecorderCutOffTest, PlaysUpToItsLastSecondsWhenTheProcessIsKilled) {
  const MadeClip clip("a.mp4", test_picture_and_tone(8) + kH264AndAac);
  const ReadClip source = read_clip(clip.path());
  const std::filesystem::path file = clip.folder() / (std::string("killed.") + GetParam());

  const pid_t process = fork();
  if (process == 0) {
    auto recorder = Recorder::create(file);
    static_cast<void>(consume_until_error(source, **recorder));
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(process, &status, 0), process);
  ASSERT_TRUE(WIFSIGNALED(status));

  const ReadClip recording = read_clip(file, true);
  ASSERT_FALSE(recording.frames.empty());
  EXPECT_GT(recording.frames.back().pts - recording.frames.front().pts, 5500ms);
}

INSTANTIATE_TEST_SUITE_P(Containers, RecorderCutOffTest, ::testing::Values("mkv", "mp4", "ts"),
                         [](const auto& each) { return std::string(each.param); });

TEST(RecorderTest, TellsThatADeviceIsFull) {
  // A name is all that decides the container, so a link gives /dev/full one.
  const std::filesystem::path link = ::testing::TempDir() + "full_device.mkv";
  std::filesystem::remove(link);
  std::filesystem::create_symlink("/dev/full", link);
  const MadeClip clip("a.mp4", test_picture() + "-c:v mpeg4");
  auto recorder = Recorder::create(link);
  ASSERT_TRUE(recorder.has_value()) << recorder.error().message;

  const std::optional<Error> error = consume_until_error(read_clip(clip.path()), **recorder);

  ASSERT_TRUE(error.has_value());
  EXPECT_THAT(error->message, HasSubstr("No space left on device"));
  EXPECT_FALSE((*recorder)->finish().has_value());
  EXPECT_TRUE(std::filesystem::exists("/dev/full"));
  std::filesystem::remove(link);
}

}  // namespace
}  // namespace mayfly
