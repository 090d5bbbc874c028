#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include "tests/link/linked_program.h"

namespace mayfly::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Says that it is ready, tells of signals, and waits for one. What it waits with ends with it.
std::string waiting_shell(const std::string& on_signal) {
  return "trap '" + on_signal +
         "' INT TERM; mkfifo $0; exec 3<>$0; rm $0; echo ready; while :; do read line <&3; done";
}

class LinkProgramTest : public LinkOfAnyCallerTest {};
INSTANTIATE_TEST_SUITE_P(By, LinkProgramTest, ::testing::Values(Caller::Root, Caller::User),
                         [](const auto& caller) {
                           return caller.param == Caller::Root ? "Root" : "User";
                         });

TEST_P(LinkProgramTest, PassesOnTheStatusAndTheOutput) {
  const Exit exit = run(link({"", "--", "sh", "-c", "echo out; echo err >&2; exit 7"}));

  EXPECT_EQ(exit.status, 7);
  EXPECT_EQ(exit.standard_output, "out\n");
  EXPECT_THAT(exit.standard_error, AllOf(HasSubstr("err\n"), HasSubstr("link seed=1, ")));
  expect_clean(exit);
}

TEST_P(LinkProgramTest, TellsTheSignalThatEndedTheProgramAsShellsDo) {
  EXPECT_EQ(run(link({"--quiet", "", "--", "sh", "-c", "kill -TERM $$"})).status, 128 + SIGTERM);
}

TEST_P(LinkProgramTest, GivesTheProgramItsInputAndItsOwnOptions) {
  std::vector<std::string> command = {"sh", "-c", "echo in | \"$@\"", "sh"};
  for (const std::string& word : link({"", "--", "cat", "-n", "--", "-"})) command.push_back(word);

  const Exit exit = run(command);

  EXPECT_EQ(exit.standard_output, "     1\tin\n");
}

TEST_P(LinkProgramTest, TheProgramStaysTheSameUser) {
  const std::string user = run(link({"", "--", "id", "-u"})).standard_output;

  EXPECT_EQ(user, GetParam() == Caller::Root ? "0\n"
                  : geteuid() == 0           ? "65534\n"
                                             : std::to_string(geteuid()) + "\n");
}

TEST_P(LinkProgramTest, TheServerIsReadyBeforeTheProgramAndKnowsItsAddress) {
  const Exit exit = run(link({"delay=1ms", "--server", "exec python3 -m http.server 80", "--ready",
                              "tcp:80", "--", "python3", "-c",
                              "import os, urllib.request as u\n"
                              "a = os.environ['MAYFLY_LINK_SERVER']\n"
                              "print(u.urlopen(f'http://{a}/').status)"}));

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  EXPECT_EQ(exit.standard_output, "200\n");
  EXPECT_THAT(exit.standard_error, HasSubstr("100.64.0.2"));  // as the server saw the client
}

TEST_P(LinkProgramTest, TheServerEndsWithTheProgramAndTakesItsChildrenAlong) {
  const std::string server = "sh -c 'echo $$ >" + file("child") + "; exec sleep 1000' & wait";
  const Exit exit = run(link({"", "--server", server, "--", "sh", "-c",
                              "until [ -s " + file("child") + " ]; do :; done"}));

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  const pid_t child = std::stoi(content_of(file("child")));
  EXPECT_NE(kill(child, 0), 0) << child;
}

TEST_P(LinkProgramTest, AServerThatGoesToTheBackgroundIsEndedToo) {
  const std::string server = "sh -c 'echo $$ >" + file("child") + "; exec sleep 1000' &";
  const Exit exit = run(link({"", "--server", server, "--", "sh", "-c",
                              "until [ -s " + file("child") + " ]; do :; done"}));

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  EXPECT_NE(kill(std::stoi(content_of(file("child"))), 0), 0);
}

TEST_P(LinkProgramTest, SignalsReachTheProgramWhichDecides) {
  for (const int number : {SIGINT, SIGTERM}) {
    Program program(link({"", "--", "sh", "-c", waiting_shell("echo told; exit 9"), file("pipe")}));
    ASSERT_TRUE(program.wait_for_line("ready"));

    program.signal(number);

    const Exit exit = program.wait(20s);
    EXPECT_EQ(exit.status, 9);
    EXPECT_THAT(exit.standard_output, HasSubstr("told\n"));
    EXPECT_THAT(exit.standard_error, HasSubstr("link seed=1, ")) << "statistics all the same";
  }
}

// The terminal tells both, so the link must not tell it once more.
TEST_P(LinkProgramTest, CtrlCReachesTheProgramOnce) {
  std::vector<std::string> command = {PRESS_CTRL_C};
  for (const std::string& word :
       link({"", "--", "bash", "-c",
             "told=0; trap 'told=$((told + 1))' INT; echo ready; "
             "while [ $told = 0 ]; do read -t 1; done; read -t 0.3; exit $told"})) {
    command.push_back(word);
  }

  const Exit exit = run(command);

  EXPECT_EQ(exit.status, 1) << exit.standard_output;
  EXPECT_THAT(exit.standard_output, HasSubstr("link seed=1, "));
}

TEST_P(LinkProgramTest, TheProgramDoesNotOutliveTheLink) {
  Program program(link({"", "--", "sh", "-c",
                        waiting_shell("echo ended >" + file("ended") + "; exit"), file("pipe")}));
  ASSERT_TRUE(program.wait_for_line("ready"));

  program.signal(SIGKILL);

  EXPECT_EQ(program.wait(20s).status, 128 + SIGKILL);  // its outputs are closed
  EXPECT_EQ(content_of(file("ended")), "ended\n");
}

TEST_P(LinkProgramTest, NoInterfaceIsLeftBehind) {
  const Exit exit = run(link({"", "--", "true"}));

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  EXPECT_THAT(content_of("/proc/net/dev"), Not(HasSubstr("mayfly")));
}

TEST_P(LinkProgramTest, WithoutAProgramItIsTheUsersShell) {
  const Exit exit = run(called_by(
      GetParam(), {"env", "SHELL=/bin/true", MAYFLY_PROGRAM, "link", "--quiet", "delay=1ms"}));

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
}

}  // namespace
}  // namespace mayfly::testing
