#include <gmock/gmock.h>

#include "tests/integration/program_under_test.h"
#include "tests/integration/transport_under_test.h"
#include "tests/integration/without_transport.h"
#include "tests/support/made_clip.h"

namespace mayfly::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kMpeg2 = "-c:v mpeg2video -g 10 -bf 2";
const ClipRecipe& kMp4 = declared({"clip.mp4", test_picture(1) + "-c:v libx264 -g 10"});
const ClipRecipe& kGood = declared({"good.ts", test_picture(1) + kMpeg2});
const ClipRecipe& kSound = declared({"sound.m4a", "-f lavfi -i sine=duration=1 -c:a aac"});
const ClipRecipe& kMatroska = declared({"clip.mkv", test_picture(3) + kMpeg2});
const ClipRecipe& kTwoSeconds = declared({"clip.ts", test_picture(2) + kMpeg2});
const ClipRecipe& kThreeSeconds = declared({"clip.ts", test_picture(3) + kMpeg2});

std::string noise(size_t bytes) {
  std::string text;
  uint32_t state = 1;
  while (text.size() < bytes) {
    state = state * 1664525 + 1013904223;
    text.push_back(static_cast<char>(state >> 24));
  }
  return text;
}

// Files that nothing can be made of, each with what must be said of it.
struct BadFile {
  std::string path;
  std::string why;
};
std::vector<BadFile> bad_files(const TemporaryFolder& folder) {
  const MadeClip clip(kMp4);
  const std::string whole = content_of(clip.path());
  return {
      {folder.file("missing.mp4"), "no such file"},
      {folder.write("empty.mp4", ""), "is empty"},
      {folder.write("cut.mp4", whole.substr(0, whole.size() / 2)), "damaged or cut off"},
      {folder.write("noise.mp4", noise(20'000)), "is not a media file"},
      {folder.write("notes.txt", "Not a clip at all.\n"), "is not a media file"},
  };
}

class ClipFileTest : public WithoutTransport {};

TEST_F(ClipFileTest, ProbeSaysWhatIsWrongWithAFile) {
  const TemporaryFolder folder;
  for (const BadFile& bad : bad_files(folder)) {
    const Exit exit = run(mayfly({"probe", bad.path}));

    EXPECT_EQ(exit.status, 1) << bad.path;
    EXPECT_EQ(exit.standard_output, "");
    EXPECT_THAT(sentence_of(exit), AllOf(HasSubstr(bad.path), HasSubstr(bad.why)));
  }
}

TEST_F(ClipFileTest, ANameInAnotherEncodingIsNoProblem) {
  const MadeClip clip(kGood);
  const TemporaryFolder folder;
  const std::string file = folder.file("caf\xe9.ts");
  std::filesystem::copy(clip.path(), file);

  const Exit exit = run(mayfly({"probe", "--json", file}));

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  EXPECT_EQ(json_from(exit.standard_output)["tracks"][0]["codec"], "mpeg2video");
}

TEST_F(ClipFileTest, ServeSaysWhatIsWrongWithItsOnlyFile) {
  const TemporaryFolder folder;
  for (const BadFile& bad : bad_files(folder)) {
    const Exit exit = run(mayfly({"serve", bad.path, "--listen", url_at("127.0.0.1", 0)}));

    EXPECT_EQ(exit.status, 1) << bad.path;
    EXPECT_THAT(sentence_of(exit), AllOf(HasSubstr(bad.path), HasSubstr(bad.why)));
  }
}

TEST(ClipProblemTest, AFolderIsServedWithoutWhatIsNoClipInIt) {
  const TemporaryFolder folder;
  for (const BadFile& bad : bad_files(folder)) static_cast<void>(bad);
  const MadeClip clip(kGood);
  std::filesystem::copy(clip.path(), folder.file("good.ts"));
  RunningServer server({folder.file("")});

  const Exit list = run(play(server.url("")));

  EXPECT_EQ(list.status, 0) << list.standard_error;
  EXPECT_THAT(list.standard_output, HasSubstr("good.ts"));
  EXPECT_THAT(list.standard_output, ::testing::Not(HasSubstr("noise")));
  server.end();
}

TEST_F(ClipFileTest, AClipWithoutVideoIsRefused) {
  const MadeClip sound(kSound);

  const Exit probe = run(mayfly({"probe", sound.path()}));
  const Exit serve = run(mayfly({"serve", sound.path(), "--listen", url_at("127.0.0.1", 0)}));

  EXPECT_EQ(probe.status, 1);
  EXPECT_THAT(probe.standard_output, HasSubstr("aac"));  // what there is, is shown
  EXPECT_EQ(serve.status, 1);
  for (const Exit* exit : {&probe, &serve}) {
    EXPECT_THAT(sentence_of(*exit), HasSubstr("sound.m4a: has no video track"));
  }
}

TEST_F(ClipFileTest, AClipThatBreaksOffIsShownUpToThere) {
  const MadeClip clip(kMatroska);
  const TemporaryFolder folder;
  const std::string whole = content_of(clip.path());
  const std::string cut = folder.write("cut.mkv", whole.substr(0, whole.size() / 2));

  const Exit exit = run(mayfly({"probe", "--json", cut}));

  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(sentence_of(exit), AllOf(HasSubstr(cut), HasSubstr("damaged or cut off after")));
  EXPECT_GT(json_from(exit.standard_output)["frames"].size(), 20U);
}

TEST(ClipProblemTest, AClipThatBreaksOffEndsItsOwnPlayoutOnly) {
  const MadeClip clip(kMatroska);
  const TemporaryFolder folder;
  const std::string whole = content_of(clip.path());
  const std::string cut = folder.write("cut.mkv", whole.substr(0, whole.size() / 2));
  RunningServer server({clip.path(), cut});

  Program other(play(server.url("clip.mkv"), {"--json"}));
  const Exit broken = run(record(server.url("cut.mkv"), folder.file("recorded.mkv")));
  const Exit whole_one = other.wait();

  EXPECT_EQ(broken.status, 1);
  EXPECT_THAT(sentence_of(broken), AllOf(HasSubstr("cut.mkv"), HasSubstr("damaged or cut off")));
  EXPECT_GT(digests_of(probed(folder.file("recorded.mkv")), "").size(), 20U);
  EXPECT_EQ(whole_one.status, 0) << whole_one.standard_error;
  EXPECT_EQ(json_from(whole_one.standard_output)["q"], 1.0);
  server.end();
}

TEST(ClipProblemTest, ADamagedClipIsPlayedOnAndTheDamageToldAtTheEnd) {
  const MadeClip clip(kThreeSeconds);
  const TemporaryFolder folder;
  std::string bytes = content_of(clip.path());
  bytes.replace(bytes.size() / 2, 2000, noise(2000));
  const std::string corrupt = folder.write("corrupt.ts", bytes);
  RunningServer server({corrupt, clip.path()});

  Program other(play(server.url("clip.ts"), {"--json"}));
  const Exit probe = run(mayfly({"probe", "--json", corrupt}));
  const Exit damaged = run(record(server.url("corrupt.ts"), folder.file("recorded.ts")));
  const Exit whole = other.wait();

  for (const Exit* exit : {&probe, &damaged}) {
    EXPECT_EQ(exit->status, 1);
    EXPECT_THAT(sentence_of(*exit), AllOf(HasSubstr("corrupt.ts: is damaged or cut off after 1."),
                                          HasSubstr("something else than transport packets")));
  }
  EXPECT_GT(json_from(probe.standard_output)["frames"].size(), 60U);
  EXPECT_GT(digests_of(probed(folder.file("recorded.ts")), "").size(), 60U);
  EXPECT_EQ(whole.status, 0) << whole.standard_error;
  EXPECT_EQ(json_from(whole.standard_output)["q"], 1.0);
  server.end();
}

TEST(ClipProblemTest, ATransportStreamThatBreaksOffIsRecordedUpToThere) {
  const MadeClip clip("clip.ts", test_picture(3) + kMpeg2);
  const TemporaryFolder folder;
  const std::string whole = content_of(clip.path());
  const std::string cut = folder.write("cut.ts", whole.substr(0, whole.size() / 376 * 188 + 50));
  RunningServer server({cut});

  const Exit broken = run(record(server.url("cut.ts"), folder.file("recorded.ts")));

  EXPECT_EQ(broken.status, 1);
  EXPECT_THAT(sentence_of(broken), AllOf(HasSubstr("cut.ts: is damaged or cut off after"),
                                         HasSubstr("last transport packet")));
  EXPECT_GT(digests_of(probed(folder.file("recorded.ts")), "").size(), 20U);
  server.end();
}

}  // namespace
}  // namespace mayfly::testing
