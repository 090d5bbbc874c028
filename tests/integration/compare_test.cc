#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>

#include "tests/integration/program_under_test.h"
#include "tests/integration/without_transport.h"
#include "tests/support/made_clip.h"

namespace mayfly::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kMpeg2 = "-c:v mpeg2video -g 10 -bf 2";
const ClipRecipe& kOneSecond = declared({"clip.ts", test_picture(1) + kMpeg2});
const ClipRecipe& kTwoSeconds = declared({"clip.ts", test_picture(2) + kMpeg2});

class CompareTest : public WithoutTransport {
 protected:
  [[nodiscard]] std::vector<std::string> compare(const std::string& clip, const std::string& cells,
                                                 const std::string& seeds) const {
    return mayfly({"compare", "--clip", clip, "--cells", cells, "--seeds", seeds, "--jobs", "2",
                   "--out", folder_.file("out")});
  }
  [[nodiscard]] std::string result(const std::string& name) const {
    return folder_.file("out") + "/" + name;
  }

  const TemporaryFolder folder_;
};

TEST_F(CompareTest, ComparesOnceAndFindsAllOfItDoneTheSecondTime) {
  const MadeClip clip(kOneSecond);
  const Exit first = run(compare(clip.path(), "Q0", "2"));

  EXPECT_EQ(first.status, 0) << first.standard_error;
  expect_clean(first);
  EXPECT_THAT(first.standard_output, AllOf(HasSubstr("clip.ts: 25 pictures"), HasSubstr("Q0 clean"),
                                           HasSubstr("sctp-prio-stock  1.00")));
  const std::string results = content_of(result("results.json"));
  const auto json = json_from(results);
  EXPECT_EQ(json["schema"], "mayfly-compare/1");
  ASSERT_EQ(json["cells"].size(), 1U);
  for (const auto& row : json["cells"][0]["rows"]) {
    EXPECT_EQ(row["q"]["mean"], 1) << row["name"];
    EXPECT_EQ(row["runs"], 2);
  }
  EXPECT_THAT(content_of(result("report.html")), HasSubstr("<svg"));
  EXPECT_THAT(content_of(result("results.csv")), HasSubstr("Q0,sctp-prio,2,1.000000"));

  const std::string journal = content_of(result("runs.jsonl"));
  const Exit again = run(compare(clip.path(), "Q0", "2"));
  EXPECT_EQ(again.status, 0);
  // Each row with each seed, and the bounds.
  const std::string runs = std::to_string(2 * (json["cells"][0]["rows"].size() + 1));
  EXPECT_THAT(again.standard_error, HasSubstr(runs + " of " + runs + " runs are in"));
  EXPECT_EQ(again.standard_output, first.standard_output);
  EXPECT_EQ(content_of(result("runs.jsonl")), journal);
  EXPECT_EQ(content_of(result("results.json")), results);
}

// A seed that was asked for later is run beside those that are there.
TEST_F(CompareTest, AnInterruptedComparisonKeepsWhatIsFinishedAndGoesOn) {
  const MadeClip clip(kTwoSeconds);
  {
    Program program(compare(clip.path(), "Q0,Q3", "500"));
    ASSERT_TRUE(program.wait_for_line("clip.ts: 50 pictures"));
    program.signal(SIGINT);
    const Exit exit = program.wait();
    EXPECT_EQ(exit.status, 1);
    EXPECT_THAT(exit.standard_error, HasSubstr("the same command goes on from there"));
    EXPECT_TRUE(std::filesystem::exists(result("results.json")));
  }
  const Exit rest = run(compare(clip.path(), "Q0", "1"));
  EXPECT_EQ(rest.status, 0) << rest.standard_error;
  EXPECT_THAT(rest.standard_output, HasSubstr("Q0 clean"));
}

TEST_F(CompareTest, AnotherClipInTheSameFolderIsRefused) {
  const MadeClip clip(kOneSecond);
  const MadeClip other(kTwoSeconds);
  ASSERT_EQ(run(compare(clip.path(), "Q0", "1")).status, 0);
  const Exit exit = run(compare(other.path(), "Q0", "1"));

  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(sentence_of(exit), HasSubstr("has runs of another clip"));
}

TEST_F(CompareTest, WhatIsNoClipAndWhereNothingCanBeWrittenIsToldInASentence) {
  const MadeClip clip(kOneSecond);
  const std::string text = folder_.write("notes.txt", "no clip at all");
  EXPECT_THAT(sentence_of(run(compare(text, "Q0", "1"))), HasSubstr("notes.txt"));
  EXPECT_THAT(sentence_of(run(compare(folder_.file("none.ts"), "Q0", "1"))),
              HasSubstr("none.ts: there is no such file"));
  const Exit exit = run(mayfly({"compare", "--clip", clip.path(), "--out", "/proc/none"}));
  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(sentence_of(exit), HasSubstr("making the folder /proc/none"));
}

}  // namespace
}  // namespace mayfly::testing
