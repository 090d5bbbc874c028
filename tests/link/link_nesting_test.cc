#include <gmock/gmock.h>

#include "tests/link/linked_program.h"

namespace mayfly::testing {
namespace {

using ::testing::HasSubstr;

INSTANTIATE_TEST_SUITE_P(By, LinkOfAnyCallerTest, ::testing::Values(Caller::Root, Caller::User),
                         [](const auto& caller) {
                           return caller.param == Caller::Root ? "Root" : "User";
                         });

// A shell's line that runs a program behind another link.
std::string inner(const std::string& spec, const std::string& command) {
  return std::string(MAYFLY_PROGRAM) + " link --quiet " + spec + " -- " + command;
}

TEST_P(LinkOfAnyCallerTest, DelaysOfNestedLinksAdd) {
  const Exit exit = run(link({"delay=20ms", "--", MAYFLY_PROGRAM, "link", "delay=30ms", "--", "sh",
                              "-c", "ping -c 3 -i 0.1 $MAYFLY_LINK_SERVER"}));

  ASSERT_EQ(exit.status, 0) << exit.standard_error;
  const Pings pings = pings_from(exit.standard_output);
  EXPECT_EQ(pings.received(), 3U);
  EXPECT_GE(pings.least_ms, 100.0);
  expect_clean(exit);
}

TEST_P(LinkOfAnyCallerTest, Ipv6PassesNestedLinksToo) {
  const Exit exit = run(link({"delay=1ms", "--", MAYFLY_PROGRAM, "link", "delay=1ms", "--", "sh",
                              "-c", "ping -c 3 -i 0.1 $MAYFLY_LINK_SERVER6"}));

  ASSERT_EQ(exit.status, 0) << exit.standard_output << exit.standard_error;
  EXPECT_GE(pings_from(exit.standard_output).least_ms, 4.0);
}

TEST_P(LinkOfAnyCallerTest, LinksSideBySideReachTheServerAndEachOther) {
  const std::string tell = "sh -c 'echo $MAYFLY_LINK_CLIENT >" + file("first") +
                           "; ping -c 1 $MAYFLY_LINK_SERVER && read end <" + file("pipe") + "'";
  const std::string ask = "sh -c 'until [ -s " + file("first") +
                          " ]; do :; done; ping -c 1 $MAYFLY_LINK_SERVER && ping -c 1 $(cat " +
                          file("first") + ")'";
  const Exit exit = run(link({"", "--", "sh", "-c",
                              "mkfifo " + file("pipe") + "; { " + inner("delay=1ms", tell) +
                                  "; } & exec 3<>" + file("pipe") + "; " + inner("delay=2ms", ask) +
                                  "; status=$?; echo >&3; wait $! && " + "exit $status"}));

  EXPECT_EQ(exit.status, 0) << exit.standard_output << exit.standard_error;
}

TEST_P(LinkOfAnyCallerTest, ASeventhLinkInsideIsRefused) {
  // Of root the outermost is one level inside already: those of the machine stand side by side.
  const int deep = GetParam() == Caller::Root ? 5 : 6;
  std::string line = "echo deepest";
  for (int i = 1; i < deep; ++i) line = inner("\"\"", line);
  std::string deeper = inner("\"\"", "true");
  for (int i = 1; i < deep; ++i) deeper = inner("\"\"", deeper);

  const Exit most = run(link({"", "--", "sh", "-c", line}));
  const Exit too_many = run(link({"", "--", "sh", "-c", deeper}));

  EXPECT_EQ(most.status, 0) << most.standard_error;
  EXPECT_EQ(most.standard_output, "deepest\n");
  EXPECT_EQ(too_many.status, 1);
  EXPECT_THAT(too_many.standard_error, HasSubstr("links nest no deeper"));
}

}  // namespace
}  // namespace mayfly::testing
