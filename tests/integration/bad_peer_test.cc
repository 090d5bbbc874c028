#include <gmock/gmock.h>

#include "tests/integration/garbage_host.h"
#include "tests/integration/program_under_test.h"
#include "tests/integration/sctp_peer.h"
#include "tests/integration/transport_under_test.h"
#include "tests/support/made_clip.h"

namespace mayfly::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kMpeg2 = "-c:v mpeg2video -g 10 -bf 2";
const ClipRecipe& kTwoSeconds = declared({"clip.ts", test_picture(2) + kMpeg2});

Bytes garbage_bytes(size_t count) {
  Bytes bytes(count);
  uint32_t state = 7;
  for (auto& each : bytes) {
    state = state * 1664525 + 1013904223;
    each = static_cast<Bytes::value_type>(state >> 24);
  }
  return bytes;
}

// Everything reliable and a playout delay that a busy machine keeps: a frame that is missing is
// missing because of the others.
class BadPeerTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> patient() const {
    return {clip_.path(), "--policy", "all-reliable"};
  }
  [[nodiscard]] static Program start_patient_player(const RunningServer& server) {
    return Program(play(server.url("clip"), {"--json", "--playout-delay", "5s"}));
  }

  // A player on the server while others misbehave: it must not notice.
  void expect_undisturbed(Program& player) {
    const Exit exit = player.wait();
    EXPECT_EQ(exit.status, 0) << exit.standard_error;
    EXPECT_EQ(json_from(exit.standard_output)["q"], 1.0);
  }

  const MadeClip clip_{kTwoSeconds};
};

TEST_F(BadPeerTest, AServerPassesOverGarbageFromTheNetwork) {
  RunningServer server(patient());
  Program player = start_patient_player(server);
  ASSERT_TRUE(server.program().wait_for_line("playing player=1"));

  GarbageHost::create()->send_garbage(server.port(), 500);

  expect_undisturbed(player);
  server.end();
}

TEST_F(BadPeerTest, AServerShowsAPeerThatSpeaksGarbageOut) {
  RunningServer server(patient());
  Program player = start_patient_player(server);
  ASSERT_TRUE(server.program().wait_for_line("playing player=1"));

  SctpPeer peer;
  peer.when_connected = [&] { peer.send_bytes(garbage_bytes(300)); };
  peer.connect(server.port());

  EXPECT_TRUE(peer.run_until_closed());
  const auto* bye = peer.first<wire::Bye>();
  ASSERT_NE(bye, nullptr);
  EXPECT_EQ(bye->code, ErrorCode::Malformed);
  EXPECT_NE(bye->reason, "");
  expect_undisturbed(player);
  server.end();
}

TEST_F(BadPeerTest, AServerRefusesAnotherVersionWithASentence) {
  RunningServer server(patient());
  Program player = start_patient_player(server);
  ASSERT_TRUE(server.program().wait_for_line("playing player=1"));

  SctpPeer peer;
  wire::Hello hello;
  hello.version = 99;
  peer.when_connected = [&] { peer.send(hello); };
  peer.connect(server.port());

  EXPECT_TRUE(peer.run_until_closed());
  const auto* bye = peer.first<wire::Bye>();
  ASSERT_NE(bye, nullptr);
  EXPECT_EQ(bye->code, ErrorCode::Unsupported);
  EXPECT_THAT(bye->reason, AllOf(HasSubstr("version"), HasSubstr("99")));
  expect_undisturbed(player);
  server.end();
}

TEST_F(BadPeerTest, APlayerSaysThatNobodyAnswers) {
  const auto nobody = GarbageHost::create();  // keeps the port, and says nothing

  const Exit exit = run(play(nobody->url() + "clip"));

  EXPECT_EQ(exit.status, 1);
  EXPECT_EQ(exit.standard_output, "");
  EXPECT_THAT(sentence_of(exit), AllOf(HasSubstr(nobody->name()), HasSubstr("does not answer")));
}

TEST_F(BadPeerTest, APlayerSaysThatAHostIsUnknown) {
  const Exit exit = run(play(url_at("no-such-host.invalid", 9899) + "clip"));

  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(sentence_of(exit),
              AllOf(HasSubstr("\"no-such-host.invalid\" has no address"), HasSubstr("check")));
}

TEST_F(BadPeerTest, APlayerPassesOverGarbageInsteadOfAnAnswer) {
  if (transport_under_test() == TransportChoice::Kernel) {
    GTEST_SKIP() << "the kernel takes some of this garbage for a refusal";
  }
  const auto server = GarbageHost::create();
  Program player(play(server->url() + "clip"));

  for (int i = 0; i < 3; ++i) EXPECT_TRUE(server->answer_one());
  const Exit exit = player.wait();

  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(sentence_of(exit), AllOf(HasSubstr(server->name()), HasSubstr("does not answer")));
}

TEST_F(BadPeerTest, APlayerLeavesAServerThatSpeaksGarbage) {
  SctpPeer server;
  server.when_connected = [&] { server.send_bytes(garbage_bytes(300)); };
  const uint16_t port = server.listen();
  Program player(play(url_at("127.0.0.1", port) + "clip"));

  EXPECT_TRUE(server.run_until_closed());
  const Exit exit = player.wait();

  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(sentence_of(exit), HasSubstr("127.0.0.1:" + std::to_string(port)));
}

TEST_F(BadPeerTest, APlayerLeavesAServerOfAnotherVersion) {
  SctpPeer server;
  wire::Welcome welcome;
  welcome.version = 99;
  server.when_heard = [&] {
    if (server.heard().size() == 1) server.send(welcome);
  };
  const uint16_t port = server.listen();
  Program player(play(url_at("127.0.0.1", port) + "clip"));

  EXPECT_TRUE(server.run_until_closed());
  const Exit exit = player.wait();

  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(sentence_of(exit), AllOf(HasSubstr("version"), HasSubstr("99")));
}

}  // namespace
}  // namespace mayfly::testing
