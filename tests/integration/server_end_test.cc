#include <fmt/format.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include "core/file_descriptor.h"
#include "tests/integration/program_under_test.h"
#include "tests/support/made_clip.h"

namespace mayfly::testing {
namespace {

using ::testing::HasSubstr;

const std::string kMpeg2 = "-c:v mpeg2video -g 10 -bf 2";
const ClipRecipe& kTwentySeconds = declared({"clip.ts", test_picture(20) + kMpeg2});

class ServerEndTest : public ::testing::Test {
 protected:
  const MadeClip clip_{kTwentySeconds};
  const TemporaryFolder folder_;
  RunningServer server_{{clip_.path()}};
  const std::string stats_ = folder_.file("stats.json");
};

TEST_F(ServerEndTest, PlayersAreToldWhenItIsSignalled) {
  for (const int signal : {SIGINT, SIGTERM}) {
    RunningServer server({clip_.path()});
    Program player(play(server.url("clip"), {"--stats", stats_}));
    ASSERT_TRUE(server.program().wait_for_line("playing player=1"));

    server.program().signal(signal);
    const Exit served = server.program().wait(20s);
    const Exit played = player.wait(30s);

    EXPECT_EQ(served.status, 0) << served.standard_error;
    expect_clean(served);
    EXPECT_EQ(played.status, 1);
    EXPECT_THAT(sentence_of(played), HasSubstr("the server is going down"));
    expect_states_sum_to_sent(json_from(content_of(stats_)));
  }
  server_.end();
}

TEST_F(ServerEndTest, AKilledServerEndsItsPlayersWithASentenceAndTheirStatistics) {
  Program player(record(server_.url("clip"), folder_.file("recorded.mkv"), {"--stats", stats_}));
  ASSERT_TRUE(server_.program().wait_for_line("playing player=1"));
  const Exit other = run(play(server_.url("clip"), {"--stop-after", "1s"}));
  EXPECT_EQ(other.status, 0) << other.standard_error;

  server_.program().signal(SIGKILL);
  const Exit played = player.wait(60s);

  EXPECT_EQ(played.status, 1);
  EXPECT_THAT(sentence_of(played),
              HasSubstr("the connection to 127.0.0.1:" + std::to_string(server_.port())));
  const auto stats = json_from(content_of(stats_));
  expect_states_sum_to_sent(stats);
  EXPECT_GT(stats["classes"]["i"]["on_time"], 1);
  EXPECT_GE(digests_of(probed(folder_.file("recorded.mkv")), "").size(), 10U);
}

TEST_F(ServerEndTest, TheOperatorReadsEventsAndFiguresAndGetsATableOnRequest) {
  RunningServer server({clip_.path(), "--statistics_interval", "1s"});
  Program player(play(server.url("clip"), {"--stop-after", "2s", "--json"}));
  ASSERT_TRUE(server.program().wait_for_line("sctp event=association-up player=1"));
  ASSERT_TRUE(server.program().wait_for_line("playing player=1"));

  server.program().signal(SIGUSR1);
  EXPECT_TRUE(server.program().wait_for_line("control"));
  EXPECT_TRUE(server.program().wait_for_line("statistics players=1"));
  const Exit played = player.wait();
  EXPECT_TRUE(server.program().wait_for_line("sctp event=association-shut-down player=1"));

  EXPECT_EQ(played.status, 0) << played.standard_error;
  const auto stats = json_from(played.standard_output);
  EXPECT_EQ(stats["streams"][0]["carries"], "control");
  EXPECT_EQ(stats["streams"][1]["carries"], "i");
  EXPECT_GT(stats["streams"][1]["messages_received"], 0);
  EXPECT_EQ(stats["paths"][0]["address"], "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(stats["events"]["association-up"], 1);
  server.end();
}

// A camera that is there and says nothing: whoever opens it waits for its first bytes.
TEST_F(ServerEndTest, ALiveInputThatSaysNothingHoldsNobodyUp) {
  const FileDescriptor camera(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(camera.get(), raw, length), 0);
  ASSERT_EQ(::listen(camera.get(), 5), 0);
  ASSERT_EQ(getsockname(camera.get(), raw, &length), 0);
  RunningServer server(
      {clip_.path(), fmt::format("camera=tcp://127.0.0.1:{}", ntohs(address.sin_port))});

  Program waiting(play(server.url("camera")));
  ASSERT_TRUE(server.program().wait_for_line("player joined player=1"));
  const Exit other = run(play(server.url("clip"), {"--stop-after", "500ms"}));

  EXPECT_EQ(other.status, 0) << other.standard_error;
  server.end();  // at once, though the camera still says nothing
  EXPECT_THAT(sentence_of(waiting.wait()), HasSubstr("the server is going down"));
}

TEST_F(ServerEndTest, AKilledPlayerCostsTheOthersNothing) {
  Program vanishing(play(server_.url("clip")));
  ASSERT_TRUE(server_.program().wait_for_line("playing player=1"));
  Program other(play(server_.url("clip"), {"--stop-after", "2s", "--json"}));
  ASSERT_TRUE(server_.program().wait_for_line("playing player=2"));

  vanishing.signal(SIGKILL);
  const Exit played = other.wait();

  EXPECT_EQ(played.status, 0) << played.standard_error;
  EXPECT_EQ(json_from(played.standard_output)["freezes"]["count"], 0);
  server_.end();
}

}  // namespace
}  // namespace mayfly::testing
