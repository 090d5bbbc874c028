#include <gmock/gmock.h>

#include "tests/kernel_program/two_host_programs.h"
#include "tests/support/made_clip.h"

namespace mayfly::testing {
namespace {

using ::testing::HasSubstr;

const ClipRecipe& kClip = declared({"clip.ts", test_picture(1) + "-c:v mpeg2video -g 10 -bf 2"});

class Ipv6Test : public TwoHostTest {
 protected:
  const MadeClip clip_{kClip};
};

TEST_F(Ipv6Test, ADualStackListenerTakesPlayersOfEveryKind) {
  const auto server = serve("[::]", {clip_.path()});

  const auto v4 = start_player("10.0.0.2");
  const auto v6 = start_player("[fd00:0::2]");
  const auto mapped = start_player("[::ffff:10.0.0.2]");
  const auto link_local = start_player("[fe80::2%c0]");

  for (const auto& [player, kind] :
       {std::pair{&v4, "v4"}, std::pair{&v6, "v6"}, std::pair{&mapped, "v4-mapped"},
        std::pair{&link_local, "link-local"}}) {
    EXPECT_EQ(stats_of(**player)["q"], 1.0) << kind;
  }
  server->end();
}

TEST_F(Ipv6Test, AServerOfOneAddressTakesPlayersThere) {
  const auto server = serve("[fd00:0::2]", {clip_.path()});
  const auto v6 = start_player("[fd00:0::2]");
  const auto v4 = start_player("10.0.0.2");

  EXPECT_EQ(stats_of(*v6)["q"], 1.0);
  const Exit refused = v4->wait();
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(sentence_of(refused), HasSubstr("10.0.0.2:9899"));
  server->end();
}

TEST_F(Ipv6Test, AServerAtALinkLocalAddressTakesPlayersOfThatLink) {
  const auto server = serve("[fe80::2%s0]", {clip_.path()});
  const auto player = start_player("[fe80::2%c0]");

  EXPECT_EQ(stats_of(*player)["q"], 1.0);
  server->end();
}

}  // namespace
}  // namespace mayfly::testing
