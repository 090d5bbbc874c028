#include <gmock/gmock.h>

#include "tests/kernel_program/two_host_programs.h"
#include "tests/support/made_clip.h"

namespace mayfly::testing {
namespace {

using ::testing::HasSubstr;

const ClipRecipe& kClip = declared({"clip.ts", test_picture(1) + "-c:v mpeg2video -g 10 -bf 2"});

// Everything reliable and a playout delay that a slow guest keeps: what is asked is whether a
// player reaches its server, not how fast.
class Ipv6Test : public TwoHostTest {
 protected:
  [[nodiscard]] auto serve_at(const std::string& address) const {
    return serve(address, {clip_.path(), "--policy", "all-reliable"});
  }
  [[nodiscard]] static auto start_player_of(const std::string& address) {
    return start_player(address, {"--playout-delay", "3s"});
  }

  const MadeClip clip_{kClip};
};

TEST_F(Ipv6Test, ADualStackListenerTakesPlayersOfEveryKind) {
  const auto server = serve_at("[::]");

  const auto v4 = start_player_of("10.0.0.2");
  const auto v6 = start_player_of("[fd00:0::2]");
  const auto mapped = start_player_of("[::ffff:10.0.0.2]");
  const auto link_local = start_player_of("[fe80::2%c0]");

  for (const auto& [player, kind] :
       {std::pair{&v4, "v4"}, std::pair{&v6, "v6"}, std::pair{&mapped, "v4-mapped"},
        std::pair{&link_local, "link-local"}}) {
    EXPECT_EQ(stats_of(**player)["q"], 1.0) << kind;
  }
  server->end();
}

TEST_F(Ipv6Test, AServerOfOneAddressTakesPlayersThere) {
  const auto server = serve_at("[fd00:0::2]");
  const auto v6 = start_player_of("[fd00:0::2]");
  const auto v4 = start_player_of("10.0.0.2");

  EXPECT_EQ(stats_of(*v6)["q"], 1.0);
  const Exit refused = v4->wait();
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(sentence_of(refused), HasSubstr("10.0.0.2:9899"));
  server->end();
}

TEST_F(Ipv6Test, AServerAtALinkLocalAddressTakesPlayersOfThatLink) {
  const auto server = serve_at("[fe80::2%s0]");
  const auto player = start_player_of("[fe80::2%c0]");

  EXPECT_EQ(stats_of(*player)["q"], 1.0);
  server->end();
}

}  // namespace
}  // namespace mayfly::testing
