#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstdlib>

#include "tests/integration/program_under_test.h"
#include "tests/integration/transport_under_test.h"
#include "tests/integration/without_transport.h"
#include "tests/support/made_clip.h"

namespace mayfly::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string kMpeg2 = "-c:v mpeg2video -g 10 -bf 2";
const std::string kH264 = "-c:v libx264 -g 10 -bf 2 -c:a aac";
const ClipRecipe& kMp4WithSound = declared({"clip.mp4", test_picture_and_tone(1) + kH264});
const ClipRecipe& kFourSeconds = declared({"clip.ts", test_picture(4) + kMpeg2});
const ClipRecipe& kThreeSeconds = declared({"clip.ts", test_picture(3) + kMpeg2});
const ClipRecipe& kOneSecond = declared({"clip.ts", test_picture(1) + kMpeg2});

std::vector<std::string> all_digests(const nlohmann::json& probe) {
  std::vector<std::string> digests = digests_of(probe, "");
  if (!probe.is_object()) return digests;
  for (const auto& frame : probe["frames"]) {
    if (frame["class"] == "audio") digests.push_back(frame["sha256"]);
  }
  return digests;
}

// The H.264 stream without its framing and without what containers add: parameter sets, access unit
// delimiters.
std::string h264_stream(const std::string& file) {
  const Exit exit = run({"ffmpeg", "-v", "error", "-i", file, "-map", "0:v", "-c", "copy", "-bsf:v",
                         "h264_mp4toannexb,filter_units=remove_types=6-9", "-f", "h264", "-"});
  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  return exit.standard_output;
}

void expect_recorded_unchanged(const MadeClip& clip, const std::string& name) {
  const TemporaryFolder folder;
  RunningServer server({clip.path()});

  const Exit exit = run(record(server.url(clip.path().filename()), folder.file(name)));

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  EXPECT_EQ(exit.standard_error, "");
  const auto source = all_digests(probed(clip.path()));
  EXPECT_THAT(source, Not(IsEmpty()));
  EXPECT_EQ(all_digests(probed(folder.file(name))), source);
  server.end();
}

TEST(RecordTest, TransportStreamToMatroskaKeepsEveryByte) {
  expect_recorded_unchanged(MadeClip(kOneSecond), "recorded.mkv");
}

TEST(RecordTest, Mp4ToMp4KeepsEveryByte) {
  expect_recorded_unchanged(MadeClip(kMp4WithSound), "recorded.mp4");
}

TEST(RecordTest, Mp4ToTransportStreamKeepsEveryPicture) {
  if (transport_under_test() == TransportChoice::Kernel) {
    GTEST_SKIP() << "ffmpeg judges it, which takes seconds to start in the guest; that every byte "
                    "comes over is asked there with other containers";
  }
  const MadeClip clip(kMp4WithSound);
  const TemporaryFolder folder;
  RunningServer server({clip.path()});

  const Exit exit = run(record(server.url("clip"), folder.file("recorded.ts")));

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  const std::string source = h264_stream(clip.path());
  EXPECT_GT(source.size(), 1000U);
  EXPECT_EQ(h264_stream(folder.file("recorded.ts")), source);
  server.end();
}

TEST(RecordTest, AllIntraFramesSurviveALossyLink) {
  if (transport_under_test() == TransportChoice::Kernel) {
    GTEST_SKIP() << "--impair works under UDP only; there is netem in the guest, and tests of it";
  }
  const MadeClip clip(kFourSeconds);
  const TemporaryFolder folder;
  RunningServer server({clip.path()});

  const Exit exit = run(record(server.url("clip"), folder.file("recorded.mkv"),
                               {"--json", "--impair", "loss=5%,delay=30ms,seed=3"}));

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  const auto stats = json_from(exit.standard_output);
  expect_states_sum_to_sent(stats);
  const auto source = digests_of(probed(clip.path()), "I");
  EXPECT_GE(source.size(), 10U);
  EXPECT_EQ(digests_of(probed(folder.file("recorded.mkv")), "I"), source);
  server.end();
}

// The program may write files of 20 KiB at most.
void shrink_disk() {
  constexpr rlimit kSmall{20 << 10, 20 << 10};
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &kSmall);
}

// How many pictures a file has, by an independent judge where one starts quickly.
size_t pictures_in(const std::string& file) {
  if (transport_under_test() == TransportChoice::Kernel) {
    // It may end in half a packet, of which probe tells at its end.
    const Exit probe = run(mayfly({"probe", "--json", "--digest", file}));
    return digests_of(json_from(probe.standard_output), "").size();
  }
  const Exit shown = run({"ffprobe", "-v", "quiet", "-count_frames", "-show_entries",
                          "stream=nb_read_frames", "-of", "csv=p=0", file});
  EXPECT_EQ(shown.status, 0) << file;
  return static_cast<size_t>(std::atoi(shown.standard_output.c_str()));
}

TEST(RecordTest, AFullDiskEndsTheRecordingWithASentenceAndKeepsWhatWasRecorded) {
  const MadeClip clip(kThreeSeconds);
  const TemporaryFolder folder;
  RunningServer server({clip.path()});

  Program other(play(server.url("clip"), {"--json"}));
  for (const char* name : {"full.mkv", "full.mp4", "full.ts"}) {
    const std::string file = folder.file(name);
    const Exit exit = run(record(server.url("clip"), file), 60s, {.prepare = shrink_disk});

    EXPECT_EQ(exit.status, 1) << name;
    EXPECT_THAT(sentence_of(exit), AllOf(HasSubstr(file), HasSubstr("File too large"),
                                         HasSubstr("what was recorded until then is kept")));
    EXPECT_GE(pictures_in(file), 5U) << name;
  }
  EXPECT_EQ(json_from(other.wait().standard_output)["q"], 1.0);  // nobody else noticed
  server.end();
}

TEST(RecordTest, AFullDeviceIsTold) {
  const MadeClip clip(kOneSecond);
  const TemporaryFolder folder;
  const std::string file = folder.file("full.mkv");
  std::filesystem::create_symlink("/dev/full", file);
  RunningServer server({clip.path()});

  const Exit exit = run(record(server.url("clip"), file));

  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(sentence_of(exit), AllOf(HasSubstr(file), HasSubstr("No space left on device")));
  server.end();
}

class RecordingFileTest : public WithoutTransport {};

TEST_F(RecordingFileTest, ThatCannotBeWrittenIsToldBeforeAnythingIsAsked) {
  const TemporaryFolder folder;
  const std::pair<std::string, const char*> cases[] = {
      {folder.file("none/clip.mkv"), "there is no folder"},
      {folder.file("clip.xyz"), "no container is known by \".xyz\""},
      {folder.file("clip"), "the name has no extension"},
  };
  for (const auto& [file, expected] : cases) {
    const Exit exit = run(record(url_at("127.0.0.1", 9) + "clip", file));

    EXPECT_EQ(exit.status, 1) << file;
    EXPECT_THAT(sentence_of(exit), AllOf(HasSubstr(file), HasSubstr(expected)));
  }
}

TEST(RecordTest, StatisticsAreWrittenThoughNobodyReadsTheTable) {
  const MadeClip clip(kOneSecond);
  const TemporaryFolder folder;
  RunningServer server({clip.path()});
  std::string command;
  for (const std::string& word :
       play(server.url("clip"), {"--json", "--stats", folder.file("stats.json")})) {
    command += word + " ";
  }

  const Exit exit = run({"bash", "-c", command + " | true; exit ${PIPESTATUS[0]}"});

  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(sentence_of(exit), HasSubstr("standard output: Broken pipe"));
  EXPECT_EQ(json_from(content_of(folder.file("stats.json")))["q"], 1.0);
  server.end();
}

TEST(RecordTest, StatisticsThatCannotBeWrittenAreTold) {
  const MadeClip clip(kOneSecond);
  RunningServer server({clip.path()});

  const Exit exit = run(play(server.url("clip"), {"--stats", "/dev/full"}));

  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(exit.standard_output, HasSubstr("q 1.0000"));
  EXPECT_THAT(sentence_of(exit),
              AllOf(HasSubstr("/dev/full"), HasSubstr("No space left on device")));
  server.end();
}

}  // namespace
}  // namespace mayfly::testing
