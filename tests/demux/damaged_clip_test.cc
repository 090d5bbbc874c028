#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <variant>

#include "demux/libav/libav_source.h"
#include "tests/demux/ffmpeg_answers.h"
#include "tests/support/made_clip.h"

namespace mayfly {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Container {
  const char* name;
  const char* file;
  const char* options;
  // Whether reading finds its way again where bytes are missing. An MP4 tells by their place in the
  // file where its frames are: what lies behind has moved.
  bool resumes = true;
};

// What came of reading a clip to its end.
struct Outcome {
  size_t pictures = 0;
  Duration last{};  // when the last picture is shown
  std::string ending;
};

Outcome outcome_of(const std::string& file) {
  Outcome outcome;
  auto source = LibavSource::open(file);
  if (!source) return {.ending = source.error().message};
  for (;;) {
    auto reading = (*source)->next();
    if (!reading) {
      outcome.ending = reading.error().message;
      return outcome;
    }
    const auto* frame = std::get_if<Frame>(&*reading);
    if (frame == nullptr) return outcome;
    if (frame->track != TrackId(0)) continue;
    ++outcome.pictures;
    outcome.last = std::max(outcome.last, frame->pts.time_since_epoch());
  }
}

// Four seconds of pictures at 25 Hz and a tone, damaged in several ways around the middle.
class DamagedClipTest : public ::testing::TestWithParam<Container> {
 protected:
  static constexpr size_t kHurt = 5000;

  [[nodiscard]] Outcome outcome_with(const Bytes& bytes) const {
    write_file(file(), bytes);
    return outcome_of(file());
  }
  [[nodiscard]] std::string file() const { return clip_.path().string(); }
  [[nodiscard]] auto names_the_damage() const {
    return AllOf(HasSubstr(file() + ": is damaged or cut off after "), HasSubstr(" s ("));
  }

  testing::MadeClip clip_{GetParam().file,
                          std::string("-f lavfi -i testsrc2=s=160x120:r=25:d=4 -f lavfi -i "
                                      "sine=f=440:r=48000:d=4 -threads 2 -b:v 300k -g 12 ") +
                              GetParam().options};
  const Bytes whole_ = read_file(file());
};

TEST_P(DamagedClipTest, IsWellWhileItIsWhole) {
  const Outcome outcome = outcome_of(file());

  EXPECT_EQ(outcome.ending, "");
  EXPECT_EQ(outcome.pictures, 100U);
}

TEST_P(DamagedClipTest, GivesWhatIsAroundTheDamageAndNamesItAtTheEnd) {
  Bytes flipped = whole_;
  Bytes zeroed = whole_;
  Bytes shortened = whole_;
  const auto middle = static_cast<std::ptrdiff_t>(whole_.size() / 2);
  std::for_each(flipped.begin() + middle, flipped.begin() + middle + kHurt,
                [](std::byte& each) { each = ~each; });
  std::fill_n(zeroed.begin() + middle, kHurt, std::byte{0});
  shortened.erase(shortened.begin() + middle, shortened.begin() + middle + kHurt);
  for (const Bytes* damaged : {&flipped, &zeroed, &shortened}) {
    const Outcome outcome = outcome_with(*damaged);

    EXPECT_THAT(outcome.ending, names_the_damage());
    if (damaged == &shortened && !GetParam().resumes) continue;
    // Half a second of pictures is hurt; what a container needs to find its way again, some more.
    EXPECT_GE(outcome.pictures, 60U) << outcome.ending;
    EXPECT_GE(outcome.last, 3'500ms) << outcome.ending;
  }
}

TEST_P(DamagedClipTest, GivesWhatPrecedesACutAndSaysWhere) {
  // Not between two packets: a transport or program stream that ends there is only shorter.
  Bytes half = whole_;
  half.resize(whole_.size() / 4096 * 2048 + 1000);

  const Outcome outcome = outcome_with(half);

  EXPECT_THAT(outcome.ending, names_the_damage());
  EXPECT_GE(outcome.pictures, 35U);
  EXPECT_LE(outcome.last, 3s);
}

TEST_P(DamagedClipTest, NoticesThatTheLastBytesAreMissing) {
  for (const size_t missing : {10U, 100U}) {
    Bytes cut = whole_;
    cut.resize(cut.size() - missing);

    const Outcome outcome = outcome_with(cut);

    EXPECT_THAT(outcome.ending, names_the_damage()) << missing;
    EXPECT_GE(outcome.pictures, 98U);
  }
}

TEST(SoughtDamageTest, IsToldWhereItIsAlsoWhenTheClipWasReadBefore) {
  const testing::MadeClip clip("c.mkv",
                               "-f lavfi -i testsrc2=s=160x120:r=25:d=4 -c:v libx264 -preset "
                               "ultrafast -b:v 300k -g 12");
  const std::string file = clip.path().string();
  Bytes bytes = read_file(file);
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2), 5000, std::byte{0});
  write_file(file, bytes);
  auto source = LibavSource::open(file);
  ASSERT_TRUE(source);

  std::vector<std::string> endings;
  for (const Duration from : {0ms, 1000ms}) {
    if (from > 0ms) {
      ASSERT_TRUE((*source)->seek(MediaTime(from)));
    }
    auto reading = (*source)->next();
    while (reading && std::holds_alternative<Frame>(*reading)) reading = (*source)->next();
    ASSERT_FALSE(reading);
    endings.push_back(reading.error().message);
  }

  EXPECT_EQ(endings[0], endings[1]);
}

TEST(UndamagedClipTest, AClipWhoseSubtitlesLastLongerThanItsPicturesIsWell) {
  const ScratchFolder folder;
  write_file(folder.file("s.srt"), as_bytes("1\n00:00:00,000 --> 00:00:20,000\nThe end\n"));
  const testing::MadeClip clip("c.mkv", "-f lavfi -i testsrc2=s=160x120:r=25:d=4 -i '" +
                                            folder.file("s.srt") +
                                            "' -c:v libx264 -preset ultrafast -c:s srt");

  EXPECT_EQ(outcome_of(clip.path().string()).ending, "");
}

TEST(UndamagedClipTest, TheClipsThatDebianShipsAreWell) {
  const std::string opencv = "/usr/share/doc/opencv-doc/examples/data/";
  for (const std::string& file :
       {opencv + "tree.avi", opencv + "Megamind.avi", opencv + "vtest.avi",
        std::string("/usr/share/visp-images-data/ViSP-images/video/cube.mpeg")}) {
    if (!std::filesystem::exists(file)) continue;
    EXPECT_EQ(outcome_of(file).ending, "") << file;
  }
}

// Two transport streams one behind the other, as `cat` joins them: every counter begins anew.
TEST(UndamagedClipTest, RecordingsThatWereJoinedAreWell) {
  const testing::MadeClip clip("c.ts",
                               "-f lavfi -i testsrc2=s=160x120:r=25:d=2 -f lavfi -i "
                               "sine=d=2 -c:v mpeg2video -c:a mp2");
  const std::string file = clip.path().string();
  Bytes twice = read_file(file);
  const Bytes once = twice;
  twice.insert(twice.end(), once.begin(), once.end());
  write_file(file, twice);

  const Outcome outcome = outcome_of(file);

  EXPECT_EQ(outcome.ending, "");
  EXPECT_EQ(outcome.pictures, 100U);
}

INSTANTIATE_TEST_SUITE_P(
    Containers, DamagedClipTest,
    ::testing::Values(
        Container{"TransportStream", "c.ts", "-c:v mpeg2video -bf 2 -c:a mp2"},
        Container{"TransportStreamOfH264", "c.ts", "-c:v libx264 -preset ultrafast -c:a aac"},
        Container{"M2ts", "c.m2ts", "-c:v libx264 -preset ultrafast -c:a ac3"},
        Container{"ProgramStream", "c.vob", "-c:v mpeg2video -bf 2 -c:a mp2"},
        Container{"Mpeg1SystemStream", "c.mpg", "-c:v mpeg1video -bf 2 -c:a mp2"},
        Container{"Mp4", "c.mp4", "-c:v libx264 -preset ultrafast -c:a aac -movflags +faststart",
                  false},
        Container{"FragmentedMp4", "c.mp4",
                  "-c:v libx264 -preset ultrafast -c:a aac -movflags "
                  "+frag_keyframe+empty_moov",
                  false},
        Container{"Matroska", "c.mkv", "-c:v libx264 -preset ultrafast -c:a aac"},
        Container{"Webm", "c.webm", "-c:v libvpx -cpu-used 5 -deadline good -g 20 -c:a libvorbis"},
        Container{"Avi", "c.avi", "-c:v mpeg4 -c:a mp2"}),
    [](const auto& suite) { return std::string(suite.param.name); });

}  // namespace
}  // namespace mayfly
