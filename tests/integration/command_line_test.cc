#include <gmock/gmock.h>
#include <sys/socket.h>

#include <sstream>

#include "tests/integration/program_under_test.h"
#include "tests/integration/without_transport.h"
#include "tests/support/made_clip.h"

namespace mayfly::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kMpeg2 = "-c:v mpeg2video -g 10 -bf 2";
const ClipRecipe& kOneSecond = declared({"clip.ts", test_picture(1) + kMpeg2});

class CommandLineTest : public WithoutTransport {};

TEST_F(CommandLineTest, WrongUsageEndsWithStatus2AndOneSentence) {
  const MadeClip clip(kOneSecond);
  const std::string file = clip.path();
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{}, "a command is missing"},
      {{"watch"}, "there is no command \"watch\""},
      {{"probe"}, "FILE is required"},
      {{"probe", "a.ts", "b.ts"}, "there is no use for the argument \"b.ts\""},
      {{"play"}, "URL is required"},
      {{"play", "mayfly://h/c", "--fast"}, "there is no option \"--fast\"; mayfly play --help"},
      {{"play", "http://h/c"}, "URL 'http://h/c': it must begin with mayfly://"},
      {{"play", "mayfly://h:0/c"}, "'0' is not a port to connect to"},
      {{"play", "mayfly://h/c", "--impair", "loss=300%"}, "\"300%\" is not a percentage"},
      {{"play", "mayfly://h/c", "--start", "soon"}, "--start: \"soon\" is not a duration"},
      {{"play", "mayfly://h/c", "--lifetime", "x=1s"}, "is not a class and its lifetime"},
      {{"play", "mayfly+sctp://h/c", "--transport", "usrsctp"}, "usrsctp runs over UDP only"},
      {{"play", "mayfly+sctp://h/c", "--transport", "engine"}, "the engine runs over UDP only"},
      {{"play", "sctp+ts://h:9000/c"}, "leave out 'c'"},
      {{"play", "sctp+ts://h:9000", "--loop"}, "the sender of a sctp+ts:// stream takes no wishes"},
      {{"play", "sctp+ts://h:9000", "--transport", "usrsctp"}, "usrsctp runs over UDP only"},
      {{"compare"}, "--out is required"},
      {{"compare", "--out", "/proc/none", "--cells", "Q1,X"},
       "there is no cell \"X\"; there are Q0"},
      {{"compare", "--out", "/proc/none", "--rows", "tcp"},
       "there is no row \"tcp\"; there are udp"},
      {{"compare", "--out", "/proc/none", "--seeds", "0"}, "--seeds"},
      {{"serve"}, "nothing to serve: name a clip or a folder"},
      {{"serve", file, "--slow"}, "there is no option \"--slow\"; mayfly serve --help"},
      {{"serve", file, "--listen", "here"}, "URL 'here': it must begin with mayfly://"},
      {{"serve", file, "--impair", "bad"}, "\"bad\" is not of the form key=value"},
      {{"serve", file, "--delivery.b.lifetime", "60"}, "delivery.b.lifetime"},
      {{"serve", file, "--transport", "tcp"}, "transport.stack"},
      {{"link", "--", "true"}, "SPEC is required"},
      {{"link", "loss=x", "--", "true"}, "network \"loss=x\": loss: \"x\" is not a percentage"},
      {{"link", "", "true"}, "there is no use for the argument \"true\"; mayfly link --help"},
      {{"link", "", "--mtu", "20", "--", "true"}, "--mtu"},
      {{"link", "", "--far", "away", "--", "true"}, "\"away\" is not one of auto, here, own"},
      {{"link", "", "--ready", "http", "--", "true"}, "\"http\" is not a port like tcp:8000"},
      {{"link", "", "--ready", "tcp:80", "--", "true"}, "the program that --server starts"},
      {{"link", "", "--server", "true", "--far", "here", "--", "true"}, "leave out --far here"},
  };
  for (const auto& [arguments, expected] : cases) {
    const Exit exit = run(mayfly(arguments));

    EXPECT_EQ(exit.status, 2) << expected;
    EXPECT_EQ(exit.standard_output, "");
    EXPECT_THAT(sentence_of(exit), HasSubstr(expected));
  }
}

TEST_F(CommandLineTest, EveryHelpHasAnExampleAndFits80Columns) {
  std::vector<std::vector<std::string>> commands = {{"--help"}};
  for (const char* each : {"probe", "serve", "play", "report", "compare", "link", "doctor"}) {
    commands.push_back({each, "--help"});
  }
  for (const auto& command : commands) {
    const Exit exit = run(mayfly(command));

    EXPECT_EQ(exit.status, 0);
    EXPECT_EQ(exit.standard_error, "");
    EXPECT_THAT(exit.standard_output, AllOf(HasSubstr("Example: "), HasSubstr("\n  mayfly ")));
    std::istringstream lines(exit.standard_output);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST_F(CommandLineTest, AllMistakesOfAConfigAreToldWithTheirLines) {
  const TemporaryFolder folder;
  const std::string config = folder.write("lab.toml",
                                          "report_interval = \"fast\"\n"
                                          "\n"
                                          "[delivery.b]\n"
                                          "lifetme = \"60ms\"\n");
  const std::string clip = folder.file("clip.ts");

  const Exit serve = run(mayfly({"serve", clip, "-c", config}));
  const Exit missing = run(mayfly({"serve", clip, "-c", folder.file("none.toml")}));
  const Exit play = run(mayfly({"play", "mayfly://127.0.0.1/c", "-c", config}));

  for (const Exit* exit : {&serve, &play}) {
    EXPECT_EQ(exit->status, 1);
    EXPECT_THAT(sentence_of(*exit), HasSubstr("lab.toml:"));
    EXPECT_THAT(exit->standard_error, AllOf(HasSubstr("lab.toml:1: report_interval"),
                                            HasSubstr("lab.toml:4: delivery.b")));
  }
  EXPECT_THAT(serve.standard_error, HasSubstr("did you mean \"delivery.b.lifetime\""));
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(sentence_of(missing), HasSubstr("none.toml"));
}

TEST_F(CommandLineTest, ThePrintedConfigIsAcceptedAndSaysTheSame) {
  const TemporaryFolder folder;
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"serve", "--delivery.b.lifetime", "60ms", "--impair", "loss=3%,seed=7"}, "60ms"},
      {{"play", "mayfly://h/c", "--playout-delay", "250ms", "--sink", "none"}, "250ms"},
  };
  for (auto [arguments, given] : cases) {
    arguments.emplace_back("--print-config");
    const Exit first = run(mayfly(arguments));
    const std::string file = folder.write("printed.toml", first.standard_output);
    std::vector<std::string> again = {arguments[0], "-c", file, "--print-config"};
    if (arguments[0] == "play") again.emplace_back("mayfly://h/c");
    const Exit second = run(mayfly(again));

    EXPECT_EQ(first.status, 0) << first.standard_error;
    EXPECT_THAT(first.standard_output, HasSubstr(given));
    EXPECT_EQ(second.status, 0) << second.standard_error;
    EXPECT_EQ(second.standard_output, first.standard_output);
  }
}

TEST(TakenPortTest, IsNamedWithTheMend) {
  const MadeClip clip(kOneSecond);
  RunningServer server({clip.path()});
  const std::string port = std::to_string(server.port());

  const bool is_kernel = transport_under_test() == TransportChoice::Kernel;

  const Exit second = run(mayfly({"serve", clip.path(), "--listen", server.url("")}));

  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(sentence_of(second), HasSubstr("127.0.0.1:" + port));
  EXPECT_THAT(second.standard_error,
              HasSubstr(is_kernel ? "another program has this SCTP port; choose another"
                                  : "the port is taken; choose another"));
  if (!is_kernel) {
    EXPECT_THAT(second.standard_error, HasSubstr("ss -ulpn"));
  }
  EXPECT_EQ(run(play(server.url("clip"))).status, 0);  // the first goes on
  server.end();
}

TEST_F(CommandLineTest, AClosedPipeEndsNothingBadly) {
  const MadeClip clip(kOneSecond);
  const std::string program = MAYFLY_PROGRAM;
  const std::string file = clip.path();

  const Exit cut =
      run({"bash", "-c", program + " probe --json " + file + " | head -1; exit ${PIPESTATUS[0]}"});
  const Exit closed = run({"bash", "-c", program + " probe " + file + " >&-"});
  const Exit full = run({"bash", "-c", program + " probe " + file + " >/dev/full"});
  const Exit mute = run({"bash", "-c", program + " probe /nowhere 2>/dev/full"});

  EXPECT_EQ(cut.standard_output, "{\n");
  expect_clean(cut);
  EXPECT_EQ(mute.status, 1);
  for (const Exit* exit : {&closed, &full}) {
    EXPECT_EQ(exit->status, 1);
    EXPECT_THAT(sentence_of(*exit), HasSubstr("standard output"));
  }
}

}  // namespace
}  // namespace mayfly::testing
