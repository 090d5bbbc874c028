#include <gmock/gmock.h>

#include "tests/kernel_program/two_host_programs.h"
#include "tests/support/made_clip.h"

namespace mayfly::testing {
namespace {

const ClipRecipe& kClip = declared({"clip.ts", test_picture(4) + "-c:v mpeg2video -g 10 -bf 2"});
constexpr const char* kBoth = "10.0.0.2,10.0.1.2";

class MultihomingTest : public TwoHostTest {
 protected:
  void TearDown() override { hosts.plug_in(0); }

  const MadeClip clip_{kClip};
};

TEST_F(MultihomingTest, PlaybackGoesOnOverTheOtherPathWhenTheFirstIsPulled) {
  for (size_t cable = 0; cable < 2; ++cable) hosts.impair(cable, {.delay = "20ms"});
  const auto server = serve(kBoth, {clip_.path()});
  const auto player = start_player(kBoth);
  ASSERT_TRUE(server->program().wait_for_line("playing player=1"));
  // By the end of a short playout the one under test is well under way.
  const auto timer = start_player(kBoth, {"--stop-after", "1s"});
  EXPECT_EQ(timer->wait().status, 0);

  hosts.pull(0);
  const auto stats = stats_of(*player);

  const auto& intra = stats["classes"]["i"];
  EXPECT_EQ(intra["on_time"], intra["sent"]) << intra;
  // A retransmission timeout of 100 to 200 ms until the other path is taken, a round trip of 40 ms
  // there, and a frame's distance of 40 ms.
  EXPECT_LE(stats["freezes"]["longest_ms"], 300);
  EXPECT_LE(stats["latency_ms"]["max"], 300);
  RecordProperty("longest_latency_ms", stats["latency_ms"]["max"].dump());
  std::cout << "multihoming: the longest latency " << stats["latency_ms"]["max"] << " ms, freezes "
            << stats["freezes"] << '\n';
  server->end();
}

}  // namespace
}  // namespace mayfly::testing
