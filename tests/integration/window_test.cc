#include <gmock/gmock.h>

#include <cstdlib>

#include "tests/integration/program_under_test.h"
#include "tests/integration/transport_under_test.h"
#include "tests/support/made_clip.h"

namespace mayfly::testing {
namespace {

const ClipRecipe& kTwentySeconds =
    declared({"clip.ts", test_picture(20) + "-c:v mpeg2video -g 10 -bf 2"});

// A screen that nobody sees, and a server.
class WindowTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto number = screen_.wait_for_line("");
    ASSERT_TRUE(number) << "Xvfb does not start: " << screen_.wait(1s).standard_error;
    display_ = ":" + *number;
  }
  [[nodiscard]] Program start_player() {
    const std::string url = server_.url("clip");
    return Program(mayfly({"play", url, "--sink", "auto", "--quiet", "--json"}),
                   {[this] { setenv("DISPLAY", display_.c_str(), 1); }});
  }

  const MadeClip clip_{kTwentySeconds};
  RunningServer server_{{clip_.path()}};
  Program screen_{{"Xvfb", "-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"}};
  std::string display_;
};

TEST_F(WindowTest, WhoeverClosesItHasSeenEnough) {
  Program player = start_player();
  ASSERT_TRUE(server_.program().wait_for_line("playing player=1"));

  const Exit closing = run({MAYFLY_SOURCE_DIR "/tests/integration/close_windows", display_});
  const Exit exit = player.wait(15s);

  ASSERT_EQ(closing.status, 0) << closing.standard_error;
  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  EXPECT_EQ(exit.standard_error, "");
  const auto stats = json_from(exit.standard_output);
  expect_states_sum_to_sent(stats);
  server_.end();
}

}  // namespace
}  // namespace mayfly::testing
