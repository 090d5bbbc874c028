#include <gmock/gmock.h>

#include <cstdlib>

#include "core/check.h"
#include "tests/kernel_program/packet_capture.h"
#include "tests/kernel_program/two_host_programs.h"
#include "tests/support/made_clip.h"

namespace mayfly::testing {
namespace {

// Two of three frames are B, which live 100 ms. So little of it that nearly all of them are sent: a
// frame that expires before is given up without a word to the player.
const ClipRecipe& kClip =
    declared({"clip.ts", test_picture_and_tone(8) +
                             "-c:v mpeg2video -g 12 -bf 2 -b:v 200k -c:a mp2 -b:a 64k"});

// Captures sessions for tests/kernel_program/judge_capture, which reads them with tshark: what the
// server sent and the link did not lose, and what reached it of the player's.
class CaptureTest : public TwoHostTest {
 protected:
  void capture(const std::string& loss, const std::string& name) {
    const char* folder = std::getenv("MAYFLY_CAPTURES");
    MAYFLY_CHECK(folder != nullptr);
    hosts.impair(0, {.delay = "30ms", .loss = loss});
    std::unique_ptr<PacketCapture> capture;
    hosts.on_server([&] {
      capture = std::make_unique<PacketCapture>("s0", std::filesystem::path(folder) / name);
    });
    const auto server = serve("10.0.0.2", {clip_.path()});
    // At one address: it would be sent to at the other, which loses nothing and is not captured.
    const auto player = start_player("10.0.0.2", {"--bind", "10.0.0.1"});

    const auto stats = stats_of(*player);
    server->end();

    std::cout << name << ": " << stats["classes"] << '\n';
    const auto& intra = stats["classes"]["i"];
    EXPECT_EQ(intra["abandoned_unsent"], 0) << intra;
    EXPECT_EQ(intra["abandoned_sent"], 0) << intra;
    EXPECT_EQ(intra["lost"], 0) << intra;
  }

  const MadeClip clip_{kClip};
};

TEST_F(CaptureTest, ASessionAtTenPercentLoss) { capture("10%", "loss10.pcap"); }

TEST_F(CaptureTest, ASessionAtTwentyFivePercentLoss) { capture("25%", "loss25.pcap"); }

}  // namespace
}  // namespace mayfly::testing
