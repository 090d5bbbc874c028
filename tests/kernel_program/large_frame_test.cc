#include <gmock/gmock.h>

#include "tests/kernel_program/two_host_programs.h"
#include "tests/support/made_clip.h"

namespace mayfly::testing {
namespace {

// An intra frame of about 2 MB each four seconds, of noise that no codec makes smaller, and a tone.
const ClipRecipe& kHuge =
    declared({"clip.mkv",
              "-f lavfi -i color=gray:size=1920x1080:rate=1/4:duration=8,noise=alls=100:allf=t"
              " -f lavfi -i sine=frequency=440:sample_rate=48000:duration=8"
              " -pix_fmt yuvj420p -c:v mjpeg -q:v 2 -c:a aac -b:a 96k"});

class LargeFrameTest : public TwoHostTest {
 protected:
  const MadeClip clip_{kHuge};
};

// 6 Mbit/s take 2.7 s for 2 MB: a stream that held another would hold the audio for that long. A
// faster link would measure how many packets the guest can handle.
TEST_F(LargeFrameTest, AudioGoesOnWhileAnIntraFrameOfTwoMegabytesIsSent) {
  hosts.impair(0, {.delay = "10ms", .rate = "6mbit", .limit = 40});
  const auto server = serve("10.0.0.2", {clip_.path()});

  const auto stats = stats_of(*start_player("10.0.0.2", {"--playout-delay", "6s"}));

  const auto& intra = stats["classes"]["i"];
  EXPECT_EQ(intra["sent"], 2);
  EXPECT_EQ(intra["on_time"], intra["sent"]) << intra;
  EXPECT_GT(intra["bytes"].get<double>() / intra["sent"].get<double>(), 2'000'000) << intra;
  const auto& latency = stats["latency_by_class_ms"];
  std::cout << "large frames: intra " << latency["i"] << "\nlarge frames: audio "
            << latency["audio"] << '\n';
  EXPECT_GT(latency["i"]["p50"], 2'600);
  // 155 ms on a quiet machine: the way, the queue, retransmissions of what it dropped. A stream
  // that waited for the frame would take as long as the frame.
  EXPECT_LT(latency["audio"]["p95"], 1'300);
  const auto& audio = stats["classes"]["audio"];
  EXPECT_EQ(audio["on_time"], audio["sent"]) << audio;
  server->end();
}

}  // namespace
}  // namespace mayfly::testing
