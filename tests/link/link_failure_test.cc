#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include "tests/link/linked_program.h"

namespace mayfly::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class LinkFailureTest : public LinkTest {
 protected:
  // In a view of the files in which a user's shell has done something.
  [[nodiscard]] static Exit after(const std::string& shell_line,
                                  const std::vector<std::string>& words = {"", "--", "true"}) {
    std::vector<std::string> command = {"unshare",      "--user", "--map-root-user", "--mount",
                                        "sh",           "-c",     shell_line,        "sh",
                                        MAYFLY_PROGRAM, "link"};
    command.insert(command.end(), words.begin(), words.end());
    return run(command);
  }
};

TEST_F(LinkFailureTest, AProgramThatIsNotThereIsStatus127AsInShells) {
  const Exit exit = run(link({"", "--", "no-such-program"}));

  EXPECT_EQ(exit.status, 127);
  EXPECT_EQ(sentence_of(exit), "mayfly: there is no program \"no-such-program\"");
}

TEST_F(LinkFailureTest, AProgramThatCannotBeExecutedIsStatus126) {
  const Exit exit = run(link({"", "--", "/etc/passwd"}));

  EXPECT_EQ(exit.status, 126);
  EXPECT_EQ(sentence_of(exit), "mayfly: running \"/etc/passwd\": Permission denied");
}

TEST_F(LinkFailureTest, AMachineWithoutTunDevicesIsToldTheMend) {
  const Exit exit = after("mount -t tmpfs none /dev/net && exec \"$@\"");

  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(sentence_of(exit), AllOf(HasSubstr("/dev/net/tun: No such file or directory"),
                                       HasSubstr("mknod -m 666 /dev/net/tun c 10 200")));
}

TEST_F(LinkFailureTest, ATunDeviceThatMayNotBeOpenedIsToldTheMend) {
  const Exit exit = after(
      "mount -t tmpfs none /dev/net && touch /dev/net/tun && chmod 000 /dev/net/tun && exec "
      "setpriv "
      "--bounding-set=-dac_override,-dac_read_search --inh-caps=-all \"$@\"");

  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(sentence_of(exit), AllOf(HasSubstr("/dev/net/tun: Permission denied"),
                                       HasSubstr("chmod 666 /dev/net/tun")));
}

TEST_F(LinkFailureTest, ASystemThatForbidsUserNamespacesIsToldTheMend) {
  const Exit exit = after(
      "echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all "
      "--inh-caps=-all \"$@\"");

  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(sentence_of(exit), AllOf(HasSubstr("making a user namespace: No space left"),
                                       HasSubstr("user.max_user_namespaces=10000")));
}

TEST_F(LinkFailureTest, TheFarEndCannotBeHereForAUser) {
  const Exit exit = run(link({"--far", "here", "", "--", "true"}));

  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(sentence_of(exit), HasSubstr("only root, or a program behind a link"));
}

TEST_F(LinkFailureTest, AServerThatEndsBeforeItListensIsTold) {
  const Exit exit = run(link({"", "--server", "exit 3", "--ready", "tcp:80", "--", "true"}));

  EXPECT_EQ(exit.status, 1);
  EXPECT_EQ(sentence_of(exit),
            "mayfly: the server ended with status 3 before it listened at tcp:80");
}

TEST_F(LinkFailureTest, AServerThatDoesNotListenIsNamedAndNotBlamedForItsEnd) {
  const Exit exit = run(link({"", "--server", "sleep 1000", "--ready", "tcp:80", "--", "true"}));

  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(sentence_of(exit), HasSubstr("nobody listened at tcp:80 of the far end within 10 s"));
}

TEST_F(LinkFailureTest, WhoeverWaitsForTheServerMayInterrupt) {
  Program waiting(
      link({"", "--server", "echo up >&2; sleep 1000", "--ready", "tcp:80", "--", "true"}));
  ASSERT_TRUE(waiting.wait_for_line("up"));

  waiting.signal(SIGINT);
  const Exit exit = waiting.wait(20s);

  EXPECT_EQ(exit.status, 128 + SIGINT);
  EXPECT_THAT(exit.standard_error, Not(HasSubstr("the server ended")));
}

TEST_F(LinkFailureTest, ALogThatCannotBeWrittenIsTold) {
  const Exit nowhere = run(link({"--log", "/nowhere/link.log", "", "--", "true"}));
  const Exit full = run(link({"--quiet", "--log", "/dev/full", "", "--", "echo", "done"}));
  const Exit both = run(link({"--quiet", "--log", "/dev/full", "", "--", "sh", "-c", "exit 7"}));

  EXPECT_EQ(nowhere.status, 1);
  EXPECT_THAT(sentence_of(nowhere), HasSubstr("/nowhere/link.log: No such file or directory"));
  EXPECT_EQ(full.status, 1);
  EXPECT_EQ(full.standard_output, "done\n") << "the program ran all the same";
  EXPECT_THAT(sentence_of(full), HasSubstr("/dev/full: No space left on device"));
  EXPECT_EQ(both.status, 7) << "what the program has to say counts more";
}

TEST_F(LinkFailureTest, ATraceThatIsNotThereIsWrongUsage) {
  const Exit exit = run(link({"trace=/nowhere/trace", "--", "true"}));

  EXPECT_EQ(exit.status, 2);
  EXPECT_THAT(sentence_of(exit), HasSubstr("/nowhere/trace"));
}

}  // namespace
}  // namespace mayfly::testing
