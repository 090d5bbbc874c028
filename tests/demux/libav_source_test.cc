#include "demux/libav/libav_source.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <variant>

#include "demux/clip_report.h"
#include "tests/demux/ffmpeg_answers.h"
#include "tests/support/made_clip.h"

namespace mayfly {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Case {
  const char* name;
  const char* file;
  const char* options;
};

std::unique_ptr<LibavSource> opened(const std::string& file) {
  auto source = LibavSource::open(file);
  EXPECT_TRUE(source) << source.error().message;
  return source ? std::move(*source) : nullptr;
}

std::vector<Frame> frames_of(MediaSource& source, std::optional<TrackId> track = TrackId(0)) {
  std::vector<Frame> frames;
  for (;;) {
    auto reading = source.next();
    if (!reading) break;
    auto* frame = std::get_if<Frame>(&*reading);
    if (frame == nullptr) break;
    if (!track || frame->track == *track) frames.push_back(std::move(*frame));
  }
  return frames;
}

std::string how_it_ends(MediaSource& source) {
  const auto reading = source.next();
  return reading ? "well" : reading.error().message;
}

std::string types_as_shown(std::vector<Frame> frames) {
  std::sort(frames.begin(), frames.end(),
            [](const Frame& one, const Frame& other) { return one.pts < other.pts; });
  std::string types;
  for (const Frame& frame : frames) {
    if (frame.picture_type) types += to_string(*frame.picture_type);
  }
  return types;
}

// A short moving picture, with a tone where there is a codec for it.
std::string ingredients(const std::string& options) {
  const bool with_tone = options.find("-c:a") != std::string::npos;
  return std::string("-f lavfi -i testsrc2=s=96x64:r=25:d=2.4 ") +
         (with_tone ? "-f lavfi -i sine=f=440:r=48000:d=2.4 " : "") + "-threads 2 " + options;
}

class EveryCodecTest : public ::testing::TestWithParam<Case> {
 protected:
  [[nodiscard]] std::string file() const { return clip_.path().string(); }

 private:
  testing::MadeClip clip_{GetParam().file, ingredients(GetParam().options)};
};

TEST_P(EveryCodecTest, GivesThePicturesFfprobeShowsAndTheBytesTheContainerHolds) {
  const auto source = opened(file());
  ASSERT_TRUE(source);
  const auto frames = frames_of(*source);
  ASSERT_FALSE(frames.empty());

  EXPECT_EQ(how_it_ends(*source), "well");
  EXPECT_EQ(types_as_shown(frames), shown_types(file()));
  Bytes stream;
  std::set<MediaTime> shown;
  for (const Frame& frame : frames) {
    stream.insert(stream.end(), frame.payload->begin(), frame.payload->end());
    if (frame.picture_type) {
      EXPECT_TRUE(shown.insert(frame.pts).second) << frame.number.value();
    }
    EXPECT_GE(frame.pts, frame.dts) << frame.number.value();
    EXPECT_GT(frame.duration, Duration{});
    for (const FrameNumber needed : frame.references) EXPECT_LT(needed, frame.number);
  }
  EXPECT_TRUE(stream == elementary_stream(file()));
  for (size_t index = 1; index < frames.size(); ++index) {
    EXPECT_LT(frames[index - 1].dts, frames[index].dts);
    EXPECT_EQ(frames[index].number.value(), index);
  }
}

TEST_P(EveryCodecTest, SeeksToTheLastKeyframeThatIsNotAfterThePosition) {
  const auto source = opened(file());
  ASSERT_TRUE(source);
  const auto whole = frames_of(*source);

  for (const Duration into : {0ms, 700ms, 1700ms, 60'000ms}) {
    const MediaTime position = MediaTime(into);
    const Frame* wanted = nullptr;
    for (const Frame& frame : whole) {
      if (frame.keyframe && (wanted == nullptr || frame.pts <= position)) wanted = &frame;
    }
    ASSERT_NE(wanted, nullptr);
    ASSERT_TRUE(source->seek(position));
    const auto rest = frames_of(*source, std::nullopt);

    const auto landed = std::find_if(rest.begin(), rest.end(),
                                     [](const Frame& frame) { return frame.track == TrackId(0); });
    ASSERT_NE(landed, rest.end());
    EXPECT_EQ(landed->pts, wanted->pts);
    EXPECT_TRUE(*landed->payload == *wanted->payload);
    EXPECT_EQ(landed->number, FrameNumber(0));
    EXPECT_EQ(landed->gop, 0U);
    if (wanted->number.value() == 0) continue;
    for (const Frame& frame : rest) {
      if (frame.frame_class == FrameClass::Audio) {
        EXPECT_GE(frame.pts, wanted->pts);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Clips, EveryCodecTest,
    ::testing::Values(
        Case{"Mpeg1InProgramStream", "c.mpg", "-c:v mpeg1video -g 12 -bf 2 -c:a mp2"},
        Case{"Mpeg1ElementaryStream", "c.m1v", "-c:v mpeg1video -g 12 -bf 2"},
        Case{"Mpeg2InProgramStream", "c.vob", "-c:v mpeg2video -g 15 -bf 2 -c:a mp2"},
        Case{"Mpeg2InterlacedInTransportStream", "c.ts",
             "-c:v mpeg2video -g 15 -bf 2 -flags +ildct+ilme -top 1 -c:a mp2"},
        Case{"Mpeg2InMatroska", "c.mkv",
             "-c:v mpeg2video -g 15 -bf 2 -flags +cgop -sc_threshold 1000000000 -c:a mp2"},
        Case{"Mpeg4InAvi", "c.avi", "-c:v mpeg4 -g 20 -bf 2 -c:a mp2"},
        Case{"XvidInAvi", "c.avi", "-c:v libxvid -g 20 -bf 2 -c:a mp3"},
        Case{"Mpeg4InMp4", "c.mp4", "-c:v mpeg4 -g 20 -bf 2 -c:a aac"},
        Case{"H264Pyramid", "c.mp4",
             "-c:v libx264 -preset ultrafast -bf 3 -b_strategy 0 -x264-params "
             "b-pyramid=normal:ref=3:keyint=25 -c:a aac"},
        Case{"H264StrictPyramid", "c.mkv",
             "-c:v libx264 -preset ultrafast -bf 3 -b_strategy 0 -x264-params "
             "b-pyramid=strict:ref=3:keyint=25 -c:a aac"},
        Case{"H264OpenGop", "c.ts",
             "-c:v libx264 -preset ultrafast -bf 2 -b_strategy 0 -x264-params "
             "open-gop=1:keyint=20:ref=4:weightp=2:weightb=1 -c:a aac"},
        Case{"H264IntraRefresh", "c.mp4",
             "-c:v libx264 -preset ultrafast -x264-params intra-refresh=1:keyint=20:ref=2"},
        Case{"H264Interlaced", "c.ts",
             "-c:v libx264 -preset ultrafast -flags +ildct+ilme -x264-params "
             "tff=1:keyint=25:bframes=2:b-adapt=0"},
        Case{"H264Slices", "c.mkv",
             "-c:v libx264 -preset ultrafast -bf 2 -b_strategy 0 -x264-params slices=4:keyint=30"},
        Case{"H264InAvi", "c.avi",
             "-c:v libx264 -preset ultrafast -bf 3 -b_strategy 0 -x264-params keyint=30 "
             "-bsf:v h264_mp4toannexb"},
        Case{"H264ElementaryStream", "c.h264",
             "-c:v libx264 -preset ultrafast -bf 3 -b_strategy 0 -x264-params keyint=30"},
        Case{"HevcOpenGop", "c.mp4",
             "-c:v libx265 -preset ultrafast -x265-params "
             "log-level=none:open-gop=1:keyint=20:bframes=3:b-adapt=0:b-pyramid=1 -c:a aac"},
        Case{"HevcInTransportStream", "c.ts",
             "-c:v libx265 -preset ultrafast -x265-params "
             "log-level=none:open-gop=1:keyint=20:bframes=3:b-adapt=0 -c:a aac"},
        Case{"HevcTemporalLayers", "c.mkv",
             "-c:v libx265 -preset ultrafast -x265-params "
             "log-level=none:open-gop=0:keyint=20:bframes=4:ref=4:temporal-layers=1"},
        Case{"Vp9HiddenFrames", "c.webm",
             "-c:v libvpx-vp9 -b:v 100k -g 40 -auto-alt-ref 1 -lag-in-frames 25 -cpu-used 5 "
             "-c:a libopus"},
        Case{"Vp8", "c.webm", "-c:v libvpx -b:v 200k -g 40 -cpu-used 5 -c:a libvorbis"},
        Case{"Av1Aom", "c.mkv",
             "-c:v libaom-av1 -b:v 100k -g 40 -lag-in-frames 25 -cpu-used 8 -c:a libopus"},
        Case{"Av1Svt", "c.mp4", "-c:v libsvtav1 -preset 12 -g 32"},
        Case{"Mjpeg", "c.avi", "-c:v mjpeg"}, Case{"MsMpeg4", "c.avi", "-c:v msmpeg4"}),
    [](const auto& suite) { return std::string(suite.param.name); });

TEST(LibavSourceTest, ReadsTheClipsThatDebianShips) {
  for (const char* file : {"/usr/share/doc/opencv-doc/examples/data/vtest.avi",
                           "/usr/share/visp-images-data/ViSP-images/video/cube.mpeg"}) {
    if (!std::filesystem::exists(file)) continue;
    const auto source = opened(file);
    ASSERT_TRUE(source);

    EXPECT_EQ(types_as_shown(frames_of(*source)), shown_types(file));
    EXPECT_EQ(how_it_ends(*source), "well") << file;
  }
}

TEST(LibavSourceTest, GivesSoundAloneWhereThereIsNoPicture) {
  const testing::MadeClip clip("tone.ogg", "-f lavfi -i sine=d=1 -c:a libvorbis");
  const std::string file = clip.path().string();
  const auto source = opened(file);
  ASSERT_TRUE(source);

  EXPECT_EQ(source->tracks().front().kind, TrackKind::Audio);
  EXPECT_GT(frames_of(*source).size(), 10U);
  ASSERT_TRUE(source->seek(MediaTime(500ms)));
  const auto rest = frames_of(*source);
  ASSERT_FALSE(rest.empty());
  EXPECT_LE(rest.front().pts, MediaTime(500ms));
  EXPECT_GE(rest.front().pts, MediaTime(400ms));
}

std::string refusal_of(const std::string& file) {
  const auto source = LibavSource::open(file);
  return source ? "opened" : source.error().message;
}

TEST(LibavSourceTest, RefusesWhatIsNoMediaFileInOneSentenceThatNamesIt) {
  const ScratchFolder folder;
  write_file(folder.file("empty.mp4"), {});
  write_file(folder.file("letter.mp4"), as_bytes("Dear reader, this is not a film."));
  write_file(folder.file("playlist.m3u8"), as_bytes("#EXTM3U\n#EXTINF:1,\n/etc/passwd\n"));

  EXPECT_EQ(refusal_of(folder.file("none.mp4")),
            folder.file("none.mp4") + ": there is no such file");
  EXPECT_EQ(refusal_of(folder.file("empty.mp4")), folder.file("empty.mp4") + ": is empty");
  EXPECT_THAT(refusal_of(folder.file("letter.mp4")),
              AllOf(HasSubstr("letter.mp4"), HasSubstr("not a media file")));
  EXPECT_THAT(refusal_of(folder.file("playlist.m3u8")), HasSubstr("playlist.m3u8: "));
  EXPECT_THAT(refusal_of(folder.file("")), HasSubstr("is a folder"));
}

TEST(LibavSourceTest, SaysWhyAFileThatMayBeThereCannotBeOpened) {
  const ScratchFolder folder;
  const std::string loop = folder.file("loop.mp4");
  std::filesystem::create_symlink(loop, loop);
  const std::string too_long = folder.file(std::string(300, 'n'));

  EXPECT_THAT(refusal_of(loop), HasSubstr("loop.mp4: cannot be opened: Too many levels"));
  EXPECT_THAT(refusal_of(too_long), HasSubstr("nnn: cannot be opened: File name too long"));
}

TEST(LibavSourceTest, BeginsEveryPictureTrackWithAKeyframeAfterASeek) {
  const testing::MadeClip clip("c.ts",
                               "-f lavfi -i testsrc2=s=96x64:r=25:d=3 -map 0:v -map 0:v -c:v "
                               "mpeg2video -bf 2 -g:v:0 10 -g:v:1 25 -sc_threshold 1000000000");
  const auto source = opened(clip.path().string());
  ASSERT_TRUE(source);

  ASSERT_TRUE(source->seek(MediaTime(1500ms)));
  const auto other = frames_of(*source, TrackId(1));

  ASSERT_FALSE(other.empty());
  EXPECT_TRUE(other.front().keyframe);
  for (size_t index = 0; index < other.size(); ++index) {
    EXPECT_EQ(other[index].number.value(), index);
    EXPECT_GE(other[index].pts, other.front().pts);
  }
}

TEST(LibavSourceTest, GivesWhatPrecedesTheCutOfATruncatedClipAndThenSaysSo) {
  const testing::MadeClip clip(
      "c.mp4", ingredients("-c:v libx264 -preset ultrafast -g 25 -movflags +faststart"));
  const std::string file = clip.path().string();
  Bytes bytes = read_file(file);
  bytes.resize(bytes.size() * 6 / 10);
  write_file(file, bytes);
  const auto source = opened(file);
  ASSERT_TRUE(source);

  const auto report = report_on(*source, file, source->format_name(), {});

  EXPECT_GT(report.frames.size(), 10U);
  EXPECT_LT(report.frames.size(), 59U);
  ASSERT_TRUE(report.damage);
  EXPECT_THAT(report.damage->message, AllOf(HasSubstr(file), HasSubstr("cut off")));
  const auto again = source->next();
  EXPECT_FALSE(again);
}

TEST(LibavSourceTest, RefusesAClipWhoseHeadersWereCutOff) {
  const testing::MadeClip clip("c.mp4", ingredients("-c:v libx264 -preset ultrafast -g 25"));
  const std::string file = clip.path().string();
  Bytes bytes = read_file(file);
  bytes.resize(bytes.size() / 2);
  write_file(file, bytes);

  EXPECT_THAT(refusal_of(file), AllOf(HasSubstr(file), HasSubstr("cut off")));
}

TEST(LibavSourceTest, SurvivesDamageAnywhere) {
  for (const char* name : {"c.ts", "c.mkv", "c.avi", "c.mpg"}) {
    const bool is_mpeg = name == std::string("c.mpg");
    const testing::MadeClip clip(
        name, ingredients(is_mpeg ? "-c:v mpeg2video -g 12 -bf 2 -c:a mp2"
                                  : "-c:v libx264 -preset ultrafast -g 25 -c:a mp2"));
    const std::string file = clip.path().string();
    const Bytes whole = read_file(file);
    for (uint64_t seed = 1; seed <= 6; ++seed) {
      Bytes damaged = whole;
      uint64_t state = seed;
      for (size_t at = 600; at < damaged.size(); at += 1 + (state >> 40U) % 4000) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        damaged[at] ^= static_cast<std::byte>(state >> 56U);
      }
      write_file(file, damaged);
      const auto source = LibavSource::open(file);
      if (!source) continue;

      const auto frames = frames_of(**source);
      EXPECT_LE(frames.size(), 300U) << name << " seed " << seed;
      static_cast<void>((*source)->seek(MediaTime(1s)));
      static_cast<void>(frames_of(**source));
    }
  }
}

TEST(LibavSourceTest, ShiftsTheClipToZeroUnlessAskedNotTo) {
  const testing::MadeClip clip("c.ts",
                               ingredients("-c:v mpeg2video -g 12 -bf 0 -output_ts_offset 5000"));
  const std::string file = clip.path().string();
  const auto shifted = opened(file);
  const auto told = LibavSource::open(file, {.container_times = true});
  ASSERT_TRUE(shifted && told);

  EXPECT_LT(frames_of(*shifted).front().pts, MediaTime(100ms));
  EXPECT_GE(frames_of(**told).front().pts, MediaTime(5'000s));
}

TEST(LibavSourceTest, ShowsNothingOfWhatAnEditListCutsAway) {
  const testing::MadeClip whole("w.mp4", ingredients("-c:v libx264 -g 20 -bf 2"));
  const testing::MadeClip cut("c.mp4", "-ss 1.2 -i '" + whole.path().string() + "' -c copy");
  const std::string file = cut.path().string();
  const auto source = opened(file);
  ASSERT_TRUE(source);
  const auto frames = frames_of(*source);

  EXPECT_EQ(types_as_shown(frames), shown_types(file));
  ASSERT_FALSE(frames.empty());
  EXPECT_EQ(frames.front().frame_class, FrameClass::I);  // needed all the same
  EXPECT_FALSE(frames.front().picture_type);
}

TEST(LibavSourceTest, SaysThatTheClipIsGoneHoweverOftenItIsAsked) {
  const testing::MadeClip clip("c.ts", ingredients("-c:v mpeg2video -g 12"));
  const std::string file = clip.path().string();
  const auto source = opened(file);
  ASSERT_TRUE(source);

  std::filesystem::remove(file);

  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto sought = source->seek(MediaTime{});
    ASSERT_FALSE(sought);
    EXPECT_THAT(sought.error().message, HasSubstr(file));
    EXPECT_FALSE(source->next());
    EXPECT_EQ(source->tracks().size(), 1U);
  }
}

TEST(LibavSourceTest, RefusesToGoBackInAFileThatHasBecomeAnotherClip) {
  const testing::MadeClip clip("c.ts", ingredients("-c:v mpeg2video -g 12"));
  const testing::MadeClip other("o.ts", ingredients("-c:v libx264 -c:a mp2"));
  const auto source = opened(clip.path().string());
  ASSERT_TRUE(source);

  write_file(clip.path().string(), read_file(other.path().string()));
  const auto sought = source->seek(MediaTime{});

  ASSERT_FALSE(sought);
  EXPECT_THAT(sought.error().message, HasSubstr("another clip"));
  EXPECT_EQ(source->tracks().size(), 1U);
}

TEST(LibavSourceTest, EndsSoonAfterItWasCancelled) {
  const testing::MadeClip clip("c.ts", ingredients("-c:v mpeg2video"));
  const std::string file = clip.path().string();
  const auto source = opened(file);
  ASSERT_TRUE(source);

  source->cancel();

  for (;;) {
    const auto reading = source->next();
    if (reading) continue;
    EXPECT_EQ(reading.error().code, ErrorCode::Closed);
    break;
  }
}

}  // namespace
}  // namespace mayfly
