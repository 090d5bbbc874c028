// How a session ends when the server, the network or the sink fails it.
#include <gmock/gmock.h>

#include "tests/client/client_session_fixture.h"
#include "tests/support/loopback_transport.h"

namespace mayfly {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using State = ClientSession::State;

TEST_F(ClientSessionTest, AnUnknownClipEndsTheSessionWithTheServersSentence) {
  connect({.refuses = wire::Refused{ErrorCode::NotFound, "there is no clip 'clip'"}});
  play();

  ASSERT_TRUE(run_to_end());

  EXPECT_EQ(error(), "server:9899: there is no clip 'clip'");
  EXPECT_EQ(events_.finished->error().code, ErrorCode::NotFound);
  EXPECT_EQ(sink_.starts, 0);
}

TEST_F(ClientSessionTest, AnotherVersionOfTheProtocolIsNamed) {
  connect({.version = 7});
  play();

  ASSERT_TRUE(run_to_end());

  EXPECT_EQ(events_.finished->error().code, ErrorCode::Unsupported);
  EXPECT_EQ(error(),
            "server:9899 (scripted) speaks version 7 of the protocol, this program version 1; "
            "update the older of the two");
}

TEST_F(ClientSessionTest, AServerThatSaysByeInsteadOfWelcomeIsQuoted) {
  connect({.answers_hello_with_bye = wire::Bye{ErrorCode::Exhausted, "100 players are enough"}});
  play();

  ASSERT_TRUE(run_to_end());

  EXPECT_EQ(error(), "server:9899 ended the session: 100 players are enough");
}

TEST_F(ClientSessionTest, ASilentServerIsGivenUp) {
  connect({.greets = false});
  play();

  ASSERT_TRUE(run_to_end());

  EXPECT_EQ(events_.finished->error().code, ErrorCode::Timeout);
  EXPECT_THAT(error(), HasSubstr("is it a mayfly server?"));
}

TEST_F(ClientSessionTest, AClipThatDoesNotStartIsGivenUp) {
  connect({.plays = false});
  play();

  ASSERT_TRUE(run_to_end());

  EXPECT_EQ(error(), "server:9899 did not start clip 'clip' within 10 s");
}

TEST_F(ClientSessionTest, AListThatDoesNotComeIsGivenUp) {
  connect();  // this server has none
  session_->list_clips();

  ASSERT_TRUE(run_to_end());

  EXPECT_EQ(error(), "server:9899 did not list its clips within 10 s");
}

TEST_F(ClientSessionTest, WhatAServerSaysCannotWriteToTheTerminal) {
  connect({.refuses = wire::Refused{ErrorCode::NotFound, "no\n\x1b[2Jclip"}});
  play();

  ASSERT_TRUE(run_to_end());

  EXPECT_EQ(error(), "server:9899: no??[2Jclip");
}

TEST_F(ClientSessionTest, GarbageEndsTheSessionInOneSentenceAndKeepsWhatWasReceived) {
  struct Case {
    Ppid ppid;
    std::string bytes;
  };
  for (const Case& each : {Case{wire::kControlPpid, "\xff\xff\xff garbage"},
                           Case{wire::kFramePpid, "garbage"}, Case{wire::kFramePpid, "\x10"}}) {
    SCOPED_TRACE(each.bytes);
    events_ = {};
    sink_.finishes = 0;
    connect();
    play();
    simulation_.run_for(2s);

    server_->send_raw(each.ppid, as_bytes(each.bytes));
    ASSERT_TRUE(run_to_end());

    EXPECT_EQ(events_.finished->error().code, ErrorCode::Malformed);
    EXPECT_THAT(error(), HasSubstr("server:9899 does not keep to mayfly's protocol: "));
    EXPECT_EQ(sink_.finishes, 1);
    EXPECT_GT(session_->stats().of(FrameClass::I).sent, 0u);
  }
}

TEST_F(ClientSessionTest, MessagesOutOfPlaceAreGarbage) {
  connect();
  play();
  simulation_.run_for(1s);

  server_->send(wire::Play{.clip = "mine"});
  ASSERT_TRUE(run_to_end());

  EXPECT_EQ(error(),
            "server:9899 does not keep to mayfly's protocol: Play, which only a player may send");
}

TEST_F(ClientSessionTest, AnotherProgramBehindThePortIsRecognised) {
  connect({.greets = false});
  play();
  simulation_.run_for(100ms);

  server_->send_raw(Ppid(46), as_bytes("diameter"));
  ASSERT_TRUE(run_to_end());

  EXPECT_THAT(error(), HasSubstr("a message with payload protocol identifier 0x0000002e"));
}

TEST_F(ClientSessionTest, APulledPlugKeepsWhatWasReceivedAndTellsSo) {
  connect({.shape = {.pictures = 250}});
  play();
  simulation_.run_for(3s);
  const size_t before = sink_.frames.size();

  pair_.server_controls->vanish();
  ASSERT_TRUE(run_to_end());

  EXPECT_THAT(error(), HasSubstr("the connection to server:9899 was lost: "));
  // Half a second was in the buffer.
  EXPECT_GE(sink_.frames.size(), before + 10);
  EXPECT_EQ(sink_.finishes, 1);
  const PlaybackStats stats = session_->stats();
  EXPECT_FALSE(stats.complete);
  EXPECT_GT(stats.of(FrameClass::B).on_time, 0u);
  for (const FrameClass each : kFrameClasses) {
    EXPECT_EQ(sum_of_states(stats.of(each)), stats.of(each).sent);
  }
}

TEST_F(ClientSessionTest, AnAbortInMidPlayIsPlayedOutAndThenTold) {
  connect({.shape = {.pictures = 250}});
  play();
  simulation_.run_for(3s);
  const size_t before = sink_.frames.size();

  server_->abort("out of memory");
  ASSERT_TRUE(run_to_end());

  EXPECT_THAT(error(), HasSubstr("out of memory"));
  EXPECT_THAT(sink_.frames.size(), AllOf(Ge(before + 10), Le(before + 14)));
  EXPECT_THAT(events_.states, ::testing::Contains(State::Draining));
}

TEST_F(ClientSessionTest, AServerThatLeavesSaysWhy) {
  connect({.shape = {.pictures = 250}});
  play();
  simulation_.run_for(3s);
  const size_t before = sink_.frames.size();

  server_->send(wire::Bye{ErrorCode::Closed, "the server is shutting down"});
  ASSERT_TRUE(run_to_end());

  EXPECT_EQ(error(), "server:9899 ended the session: the server is shutting down");
  EXPECT_GE(sink_.frames.size(), before + 10);
}

TEST_F(ClientSessionTest, AConnectionLostAfterTheEndWasToldIsNoError) {
  connect({.shape = {.pictures = 50}, .lifetime = 10ms});
  play(3s);
  simulation_.run_for(3s);

  server_->abort("gone");
  ASSERT_TRUE(run_to_end());

  EXPECT_TRUE(*events_.finished) << error();
  EXPECT_EQ(sink_.frames.size(), 50u);
  EXPECT_TRUE(session_->stats().complete);
}

TEST_F(ClientSessionTest, AFullDiskEndsTheSessionWithItsSentence) {
  sink_.fails_after = 30;
  connect({.shape = {.pictures = 250}});
  play();

  ASSERT_TRUE(run_to_end());

  EXPECT_EQ(error(), "write clip.mkv: No space left on device");
  EXPECT_EQ(sink_.finishes, 1);
  EXPECT_EQ(server_->heard<wire::Bye>().size(), 1u);
}

TEST_F(ClientSessionTest, ASinkThatCannotStartIsNotFinished) {
  sink_.fails_at_start = true;
  connect();
  play();

  ASSERT_TRUE(run_to_end());

  EXPECT_EQ(error(), "no such folder");
  EXPECT_EQ(sink_.finishes, 0);
}

TEST_F(ClientSessionTest, AnUnreachableServerIsNamed) {
  LoopbackTransport transport(simulation_, {});
  auto association = transport.connect({{IpEndpoint::loopback_v4(9899)}});
  ASSERT_TRUE(association);
  session_ = std::make_unique<ClientSession>(*std::move(association), simulation_, simulation_,
                                             sink_, events_);
  play();

  ASSERT_TRUE(run_to_end());

  EXPECT_THAT(error(), HasSubstr("connect to 127.0.0.1:9899: "));
  EXPECT_EQ(session_->state(), State::Ended);
}

TEST_F(ClientSessionTest, StopBeforeTheConnectionIsUpEndsAtOnce) {
  pair_ = make_loopback(simulation_, {}, "player:1", "server:9899");
  session_ = std::make_unique<ClientSession>(std::move(pair_.client), simulation_, simulation_,
                                             sink_, events_);
  play();

  session_->stop();
  ASSERT_TRUE(run_to_end(1ms));

  EXPECT_TRUE(*events_.finished) << error();
}

}  // namespace
}  // namespace mayfly
