// `mayfly compare` over real sockets, called by somebody who may do nothing.

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/link/linked_program.h"
#include "tests/support/made_clip.h"

namespace mayfly::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const ClipRecipe& kOneSecond =
    declared({"clip.ts", test_picture(1) + "-c:v mpeg2video -g 10 -bf 2"});

class RealCompareTest : public LinkTest {
 protected:
  RealCompareTest() { std::filesystem::copy_file(made_.path(), file("clip.ts")); }

  [[nodiscard]] std::vector<std::string> compare(std::vector<std::string> options) const {
    std::vector<std::string> words = {"compare", "--clip", file("clip.ts"), "--out", file("out")};
    words.insert(words.end(), options.begin(), options.end());
    return mayfly(std::move(words));
  }
  [[nodiscard]] nlohmann::json results() const {
    return json_from(content_of(file("out") + "/results.json"));
  }

 private:
  const MadeClip made_{kOneSecond};
};

TEST_F(RealCompareTest, AUserComparesTcpAndSctpOnBothEngines) {
  const auto command = called_by(
      Caller::User, compare({"--engine", "both", "--cells", "Q0", "--rows",
                             "tcp-cubic,srt,udp,sctp-prio", "--seeds", "1", "--lanes", "2"}));
  const Exit exit = run(command);

  ASSERT_EQ(exit.status, 0) << exit.standard_error;
  expect_clean(exit);
  EXPECT_THAT(exit.standard_output,
              AllOf(HasSubstr("real time, real sockets:"), HasSubstr("tcp-cubic"),
                    HasSubstr("sctp-prio, real less the same on virtual time")));
  // Either all is well, or fewer at once were tried: whichever this machine had.
  EXPECT_THAT(exit.standard_error, HasSubstr("in real time"));
  const auto json = results();
  EXPECT_EQ(json["engine"], "both");
  EXPECT_EQ(json["real_seeds"], 1);
  std::vector<std::string> rows;
  for (const auto& row : json["cells"][0]["rows"]) {
    rows.push_back(row["engine"].get<std::string>() + " " + row["name"].get<std::string>());
    EXPECT_EQ(row["why_not_run"], "");
    EXPECT_EQ(row["runs"], 1) << row;
    if (row["name"] == "srt") continue;  // says so where the machine is too busy for its clock
    EXPECT_EQ(row["ended_early"], 0) << row;
    EXPECT_GT(row["bytes_wire"], 0) << row;
  }
  EXPECT_THAT(rows, ::testing::ElementsAre("virtual udp", "virtual sctp-prio", "real tcp-cubic",
                                           "real srt", "real udp", "real sctp-prio"));

  const Exit again = run(command);
  EXPECT_EQ(again.status, 0) << again.standard_error;
  EXPECT_THAT(again.standard_error, HasSubstr("7 of 7 runs are in"));
  EXPECT_EQ(again.standard_output, exit.standard_output);
}

// As on a machine without TUN devices.
class CompareWithoutTunTest : public RealCompareTest {
 protected:
  [[nodiscard]] static std::vector<std::string> without_tun(std::vector<std::string> command) {
    std::vector<std::string> words = {"unshare",
                                      "--user",
                                      "--map-root-user",
                                      "--mount",
                                      "sh",
                                      "-c",
                                      "mount -t tmpfs none /dev/net && exec \"$@\"",
                                      "sh"};
    words.insert(words.end(), command.begin(), command.end());
    return words;
  }
};

TEST_F(CompareWithoutTunTest, VirtualRowsAreRunAndTheRealOnesStayWithTheReason) {
  const Exit exit = run(without_tun(
      compare({"--engine", "both", "--cells", "Q0", "--rows", "tcp-cubic,udp", "--seeds", "1"})));

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  EXPECT_THAT(exit.standard_error, HasSubstr("nothing can run in real time here: /dev/net/tun"));
  EXPECT_THAT(exit.standard_output, AllOf(HasSubstr("tcp-cubic        cannot run here"),
                                          HasSubstr("tcp-cubic cannot run here: /dev/net/tun")));
  const auto rows = results()["cells"][0]["rows"];
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0]["runs"], 1);
  EXPECT_EQ(rows[0]["why_not_run"], "");
  EXPECT_EQ(rows[1]["runs"], 0);
  EXPECT_THAT(rows[1]["why_not_run"].get<std::string>(), HasSubstr("/dev/net/tun"));
}

TEST_F(CompareWithoutTunTest, TheRealEngineAloneFailsInASentence) {
  const Exit exit = run(without_tun(
      compare({"--engine", "real", "--cells", "Q0", "--rows", "tcp-cubic", "--seeds", "1"})));

  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(exit.standard_error, HasSubstr("nothing can run in real time here: /dev/net/tun"));
  EXPECT_THAT(exit.standard_error, Not(HasSubstr("Sanitizer")));
}

}  // namespace
}  // namespace mayfly::testing
