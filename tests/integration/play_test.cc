#include <gmock/gmock.h>
#include <signal.h>

#include "tests/integration/program_under_test.h"
#include "tests/integration/transport_under_test.h"
#include "tests/support/made_clip.h"

namespace mayfly::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kMpeg2 = "-c:v mpeg2video -g 10 -bf 2";
const ClipRecipe& kThreeSeconds = declared({"clip.ts", test_picture(3) + kMpeg2});
const ClipRecipe& kMp4WithSound =
    declared({"clip.mp4", test_picture_and_tone(1) + "-c:v libx264 -g 10 -c:a aac"});
const ClipRecipe& kOne = declared({"one.ts", test_picture(1) + kMpeg2});
const ClipRecipe& kTwo = declared({"two.mp4", test_picture_and_tone(1) + "-c:v libx264 -c:a aac"});
const ClipRecipe& kOneSecond = declared({"clip.ts", test_picture(1) + kMpeg2});
const ClipRecipe& kTenSeconds = declared({"clip.ts", test_picture(10) + kMpeg2});
const ClipRecipe& kMp4 = declared({"clip.mp4", test_picture(1) + "-c:v libx264"});

TEST(PlayTest, TwoPlayersPlayAtDifferentPositions) {
  const MadeClip clip(kThreeSeconds);
  RunningServer server({clip.path()});

  Program late(play(server.url("clip"), {"--start", "2s", "--json"}));
  const Exit whole = run(play(server.url("clip"), {"--json"}));
  const Exit rest = late.wait();

  const auto all = json_from(whole.standard_output);
  const auto some = json_from(rest.standard_output);
  EXPECT_EQ(whole.status, 0) << whole.standard_error;
  EXPECT_EQ(rest.status, 0) << rest.standard_error;
  EXPECT_EQ(all["q"], 1.0);
  EXPECT_EQ(some["q"], 1.0);
  const size_t in_clip = digests_of(probed(clip.path()), "I").size();
  EXPECT_EQ(all["classes"]["i"]["sent"], in_clip);
  EXPECT_GT(some["classes"]["i"]["sent"], 0);
  EXPECT_LE(some["classes"]["i"]["sent"], in_clip / 2);  // the last third, and what leads into it
  server.end();
}

TEST(PlayTest, StatsHaveTheirPromisedKeysAndSumUp) {
  const MadeClip clip(kMp4WithSound);
  const TemporaryFolder folder;
  const std::string file = folder.file("stats.json");
  RunningServer server({clip.path()});

  const Exit exit = run(play(server.url("clip.mp4"), {"--stats", file}));

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  EXPECT_EQ(exit.standard_error, "");
  EXPECT_THAT(exit.standard_output, AllOf(HasSubstr("audio"), HasSubstr("q 1.0000")));
  const auto stats = json_from(content_of(file));
  for (const char* key : {"/classes/i/sent", "/classes/p/on_time", "/classes/b/late",
                          "/classes/audio/abandoned_unsent", "/q", "/latency_ms/p50",
                          "/latency_ms/p95", "/latency_ms/p99", "/latency_ms/max", "/freezes/count",
                          "/freezes/longest_ms", "/freezes/total_ms", "/startup_ms"}) {
    EXPECT_TRUE(stats.contains(nlohmann::json::json_pointer(key))) << key;
  }
  expect_states_sum_to_sent(stats);
  server.end();
}

TEST(PlayTest, TriesTheNextAddressOfAHostOfWhichOneDoesNotAnswer) {
  if (transport_under_test() == TransportChoice::Kernel) {
    GTEST_SKIP() << "the kernel's SCTP is told all addresses at once";
  }
  const MadeClip clip(kOneSecond);
  RunningServer server({clip.path()});  // at 127.0.0.1
  const std::string port = std::to_string(server.port());

  const Exit exit = run(play("mayfly://127.0.0.2,127.0.0.1:" + port + "/clip", {"--json"}));

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  EXPECT_EQ(json_from(exit.standard_output)["q"], 1.0);
  server.end();
}

TEST(PlayTest, AnEmptyPathListsTheClips) {
  const MadeClip one(kOne);
  const MadeClip two(kTwo);
  RunningServer server({one.path(), two.path()});

  const Exit exit = run(play(server.url("")));

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  EXPECT_THAT(exit.standard_output, AllOf(HasSubstr("one.ts"), HasSubstr("mpeg2video"),
                                          HasSubstr("two.mp4"), HasSubstr("h264, aac")));
  const auto clips = json_from(run(play(server.url(""), {"--json"})).standard_output);
  ASSERT_EQ(clips.size(), 2U);
  EXPECT_EQ(clips[1]["name"], "two.mp4");
  EXPECT_EQ(clips[1]["tracks"][1]["codec"], "aac");
  const Exit records = run(record(server.url(""), "/tmp/never.mkv"));
  EXPECT_EQ(records.status, 2);
  EXPECT_THAT(sentence_of(records), HasSubstr("names no clip"));
  server.end();
}

TEST(PlayTest, ALoopGoesOnUntilItIsStopped) {
  const MadeClip clip(kOneSecond);
  RunningServer server({clip.path()});

  const Exit exit = run(play(server.url("clip"), {"--loop", "--stop-after", "2500ms", "--json"}));

  const auto stats = json_from(exit.standard_output);
  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  EXPECT_GT(stats["classes"]["i"]["sent"], 3);  // of the three in the clip
  expect_states_sum_to_sent(stats);
  server.end();
}

TEST(PlayTest, AnInterruptedPlayerSaysGoodbyeAndShowsItsTable) {
  const MadeClip clip(kTenSeconds);
  RunningServer server({clip.path()});
  Program player(play(server.url("clip")));
  ASSERT_TRUE(server.program().wait_for_line("playing player=1"));
  // By the end of a second playout the first is well under way.
  EXPECT_EQ(run(play(server.url("clip"), {"--stop-after", "500ms"})).status, 0);

  player.signal(SIGINT);
  const Exit exit = player.wait(20s);

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  expect_clean(exit);
  EXPECT_THAT(exit.standard_output, AllOf(HasSubstr("clip.ts"), HasSubstr("on time")));
  EXPECT_TRUE(server.program().wait_for_line("player left player=1 why=\"the player said goodbye"));
  server.end();
}

TEST(PlayTest, AnUnknownClipIsRefusedWithWhatThereIs) {
  const MadeClip one(kOneSecond);
  const MadeClip two(kMp4);
  RunningServer server({one.path(), two.path()});

  const Exit unknown = run(play(server.url("film")));
  const Exit ambiguous = run(play(server.url("clip")));

  EXPECT_EQ(unknown.status, 1);
  EXPECT_EQ(unknown.standard_output, "");
  EXPECT_THAT(sentence_of(unknown),
              HasSubstr("no clip is called \"film\"; there are: clip.mp4, clip.ts"));
  EXPECT_EQ(ambiguous.status, 1);
  EXPECT_THAT(sentence_of(ambiguous), HasSubstr("\"clip\" may be any of: clip.mp4, clip.ts"));
  server.end();
}

TEST(PlayTest, ALifetimeAskedForIsGrantedWithoutAWord) {
  const MadeClip clip(kOneSecond);
  RunningServer server({clip.path()});

  const Exit exit = run(play(server.url("clip"), {"--lifetime", "b=60ms"}));

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  EXPECT_EQ(exit.standard_error, "");
  server.end();
}

}  // namespace
}  // namespace mayfly::testing
