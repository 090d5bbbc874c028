#include "client/client_session.h"

#include <gmock/gmock.h>

#include "tests/client/client_session_fixture.h"

namespace mayfly {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::Le;
using ::testing::SizeIs;

TEST_F(ClientSessionTest, PlaysEveryFrameOfAClipExactlyWhenItIsDueOnAPerfectLink) {
  connect({.shape = {.pictures = 100, .with_audio = true}});
  play();

  ASSERT_TRUE(run_to_end());

  EXPECT_TRUE(*events_.finished) << error();
  EXPECT_EQ(sink_.frames.size(), server_->frames_due());
  EXPECT_THAT(sink_.lateness, Each(Duration::zero()));
  for (const Frame& frame : sink_.frames) {
    ASSERT_TRUE(SyntheticSource::genuine_position(1, frame.track, *frame.payload));
  }
  EXPECT_EQ(sink_.finishes, 1);
  expect_states_sum_to(server_->frames_due());
  const PlaybackStats stats = session_->stats();
  EXPECT_DOUBLE_EQ(stats.q(), 1);
  EXPECT_TRUE(stats.complete);
  EXPECT_EQ(stats.freezes.count, 0u);
  EXPECT_EQ(stats.played, 4s);
  // Half a second of playout delay, a round trip and a reordered picture.
  ASSERT_TRUE(stats.startup);
  EXPECT_THAT(*stats.startup, AllOf(Ge(500ms), Le(700ms)));
  // The link's 10 ms, and the clocks know it.
  EXPECT_THAT(stats.latency.p50, AllOf(Ge(10ms), Le(11ms)));
  EXPECT_EQ(server_->heard<wire::Bye>().size(), 1u);
  EXPECT_EQ(server_->heard<wire::Bye>().front().code, ErrorCode::Closed);
  simulation_.run_for(1s);
  ASSERT_TRUE(server_->closed());
  EXPECT_EQ(server_->closed()->code, ErrorCode::Closed);
}

TEST_F(ClientSessionTest, KeepsPlayingThroughLossAndCountsEveryFrameOnce) {
  uint64_t b_frames = 0;
  uint64_t b_frames_on_time = 0;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    events_ = {};
    sink_.frames.clear();
    LoopbackOptions link;
    link.seed = seed;
    link.to_client = {.delay = 40ms, .rate = {}, .loss = 0.05};
    link.to_server = {.delay = 40ms, .rate = {}, .loss = 0.05};
    connect({.shape = {.pictures = 250, .with_audio = true}, .lifetime = 100ms}, link);
    play(300ms);

    ASSERT_TRUE(run_to_end());

    EXPECT_TRUE(*events_.finished) << error();
    expect_states_sum_to(server_->frames_due());
    const PlaybackStats stats = session_->stats();
    // Reliable, and there is time for a second transmission and a third.
    EXPECT_GE(stats.of(FrameClass::I).on_time + 1, stats.of(FrameClass::I).sent);
    EXPECT_GT(stats.of(FrameClass::P).on_time, stats.of(FrameClass::P).sent / 2);
    EXPECT_EQ(stats.of(FrameClass::I).abandoned_unsent, 0u);
    b_frames += stats.of(FrameClass::B).sent;
    b_frames_on_time += stats.of(FrameClass::B).on_time;
  }
  // At 5 % loss of 3 packets a picture and one retransmission, more than one of 700 is not there.
  EXPECT_LT(b_frames_on_time, b_frames);
}

TEST_F(ClientSessionTest, CountsWhatTheServerGaveUpOnALinkThatIsTooNarrow) {
  LoopbackOptions link;
  link.to_client = {.delay = 20ms, .rate = DataRate::bits_per_second(900'000), .loss = 0};
  connect({.shape = {.pictures = 200}, .lifetime = 150ms}, link);
  play(300ms);

  ASSERT_TRUE(run_to_end());

  EXPECT_TRUE(*events_.finished) << error();
  expect_states_sum_to(server_->frames_due());
  const PlaybackStats stats = session_->stats();
  EXPECT_GT(stats.of(FrameClass::B).abandoned_unsent + stats.of(FrameClass::P).abandoned_unsent,
            0u);
}

TEST_F(ClientSessionTest, APauseHoldsEveryFrameBackByItsLength) {
  connect({.shape = {.pictures = 100}});
  play();
  simulation_.run_for(2s);
  const size_t before = sink_.frames.size();

  session_->pause();
  simulation_.run_for(3s);
  const size_t during = sink_.frames.size() - before;
  session_->resume();
  ASSERT_TRUE(run_to_end());

  EXPECT_EQ(during, 0u);
  EXPECT_EQ(sink_.frames.size(), 100u);
  EXPECT_EQ(sink_.pauses, 1);
  EXPECT_EQ(sink_.resumes, 1);
  EXPECT_THAT(sink_.lateness, Each(Le(1ms)));
  expect_states_sum_to(100);
  EXPECT_DOUBLE_EQ(session_->stats().q(), 1);
  EXPECT_EQ(session_->stats().freezes.count, 0u);
}

TEST_F(ClientSessionTest, ASeekThrowsAwayWhatIsUnderWayAndPlaysFromThere) {
  connect({.shape = {.pictures = 250}});
  play();
  simulation_.run_for(2s);
  const size_t before = sink_.frames.size();

  session_->seek(MediaTime(8s));
  ASSERT_TRUE(run_to_end());

  EXPECT_TRUE(*events_.finished) << error();
  ASSERT_THAT(sink_.jumped_before, SizeIs(1));
  const size_t jump = sink_.jumped_before.front();
  EXPECT_LE(jump, before + 2);
  EXPECT_TRUE(sink_.frames[jump].keyframe);
  EXPECT_LE(sink_.frames[jump].pts, MediaTime(8s));
  EXPECT_EQ(sink_.frames[jump].number, FrameNumber(0));
  EXPECT_THAT(events_.playings, SizeIs(2));
  expect_states_sum_to(server_->frames_due());
  // What nobody waited for any more is not blamed on the network.
  EXPECT_EQ(session_->stats().of(FrameClass::P).lost, 0u);
  EXPECT_EQ(session_->stats().freezes.count, 0u);
}

TEST_F(ClientSessionTest, ASeekWhilePausedStaysPausedAndThenPlaysFromThere) {
  connect({.shape = {.pictures = 250}});
  play();
  simulation_.run_for(2s);

  session_->pause();
  session_->seek(MediaTime(9s));
  simulation_.run_for(2s);
  const size_t shown = sink_.frames.size();
  session_->resume();
  simulation_.run_for(1s);

  EXPECT_GT(sink_.frames.size(), shown);
  ASSERT_TRUE(run_to_end());
  EXPECT_TRUE(*events_.finished) << error();
  expect_states_sum_to(server_->frames_due());
}

TEST_F(ClientSessionTest, ALoopPlaysEveryTurnToItsEnd) {
  connect({.shape = {.pictures = 50}, .turns = 3});
  play(500ms, true);

  ASSERT_TRUE(run_to_end());

  EXPECT_TRUE(*events_.finished) << error();
  EXPECT_EQ(sink_.frames.size(), 150u);
  EXPECT_THAT(sink_.lateness, Each(Le(1ms)));
  EXPECT_THAT(sink_.jumped_before, ::testing::ElementsAre(50u, 100u));
  EXPECT_EQ(sink_.starts, 1);
  expect_states_sum_to(150);
  EXPECT_EQ(session_->stats().freezes.count, 0u);
}

TEST_F(ClientSessionTest, StopEndsInGoodOrderWithTheFatesOfWhatWasDue) {
  connect({.shape = {.pictures = 250}});
  play();
  simulation_.run_for(3s);

  session_->stop();
  EXPECT_EQ(sink_.finishes, 1);
  ASSERT_TRUE(run_to_end());

  EXPECT_TRUE(*events_.finished) << error();
  EXPECT_FALSE(session_->stats().complete);
  EXPECT_THAT(server_->heard<wire::Stop>(), SizeIs(1));
  EXPECT_THAT(server_->heard<wire::Bye>(), SizeIs(1));
  expect_states_sum_to(server_->frames_due());
  EXPECT_EQ(sink_.finishes, 1);
}

TEST_F(ClientSessionTest, ReportsEvery200MsWhatItReceived) {
  connect({.shape = {.pictures = 100}});
  play();

  ASSERT_TRUE(run_to_end());

  const auto reports = server_->heard<wire::ReceiverReport>();
  // Four seconds of clip and half a second of delay.
  EXPECT_THAT(reports.size(), AllOf(Ge(20u), Le(24u)));
  const wire::ReceiverReport& last = reports.back();
  uint64_t received = 0;
  for (const wire::ClassCounts& each : last.classes) {
    received += each.received;
    EXPECT_EQ(each.late, 0u);
    EXPECT_EQ(each.missing, 0u);
  }
  EXPECT_GT(received, 90u);
  EXPECT_THAT(last.one_way_delay, AllOf(Ge(9ms), Le(12ms)));
  EXPECT_GT(reports[10].buffer_level, 350ms);
}

TEST_F(ClientSessionTest, AFirstExchangeThatTookLongIsCorrectedByTheReports) {
  // The greeting waits behind nothing the player could know of: one way is 300 ms longer, once.
  LoopbackOptions slow;
  connect({.shape = {.pictures = 200}, .plays = true}, slow);
  pair_.server_controls->set_reading(false);
  simulation_.run_for(300ms);
  pair_.server_controls->set_reading(true);
  play(200ms);

  ASSERT_TRUE(run_to_end());

  EXPECT_THAT(session_->stats().round_trip, Le(25ms));
  EXPECT_GT(session_->stats().q(), 0.9);
}

TEST_F(ClientSessionTest, ListsTheCatalogueFromSeveralMessages) {
  connect();
  session_->list_clips();
  simulation_.run_for(200ms);
  ASSERT_THAT(server_->heard<wire::CatalogueRequest>(), SizeIs(1));

  server_->send(wire::Catalogue{.entries = {{.name = "a.mp4", .duration = 3s, .tracks = {}}},
                                .complete = false});
  simulation_.run_for(200ms);
  EXPECT_FALSE(events_.catalogue);
  server_->send(wire::Catalogue{.entries = {{.name = "b.mp4", .duration = {}, .tracks = {}}}});
  simulation_.run_for(200ms);

  ASSERT_TRUE(events_.catalogue);
  ASSERT_THAT(*events_.catalogue, SizeIs(2));
  EXPECT_EQ(events_.catalogue->back().name, "b.mp4");
}

TEST_F(ClientSessionTest, ARefusedSeekLeavesThePlayoutAlone) {
  connect({.shape = {.pictures = 50}});
  play();
  simulation_.run_for(1s);

  server_->send(wire::Refused{ErrorCode::Unsupported, "a live input cannot be sought"});
  ASSERT_TRUE(run_to_end());

  EXPECT_TRUE(*events_.finished) << error();
  ASSERT_THAT(events_.refused, SizeIs(1));
  EXPECT_EQ(events_.refused.front().message, "server:9899: a live input cannot be sought");
  EXPECT_EQ(sink_.frames.size(), 50u);
}

TEST_F(ClientSessionTest, OneReportAnswersAllChangesOfDelivery) {
  connect();
  play();
  simulation_.run_for(1s);
  session_->set_delivery(FrameClass::P, "90ms");
  session_->set_delivery(FrameClass::B, "30ms");
  wire::SenderReport report{.epoch = server_->epoch(), .fates = {}, .delivery = {}};
  report.delivery.emplace_back().lifetime = "90ms";
  report.delivery.back().stream = StreamId(1);
  server_->send(report);
  simulation_.run_for(100ms);

  session_->pause();
  server_->send(wire::Refused{ErrorCode::Unsupported, "not now"});
  simulation_.run_for(15ms);

  EXPECT_EQ(session_->state(), ClientSession::State::Playing);
}

TEST_F(ClientSessionTest, StatsTellWhichStackCarriedThePlayout) {
  connect({.shape = {.pictures = 10}});
  play();
  ASSERT_TRUE(run_to_end());

  EXPECT_EQ(session_->stats().transport, "loopback");
}

TEST_F(ClientSessionTest, TheSameSeedGivesTheSameRunTwice) {
  std::vector<PlaybackStats> runs;
  for (int run = 0; run < 2; ++run) {
    events_ = {};
    LoopbackOptions link;
    link.to_client = {.delay = 30ms, .rate = DataRate::bits_per_second(2'000'000), .loss = 0.1};
    connect({.shape = {.pictures = 100, .with_audio = true}, .lifetime = 120ms}, link);
    play(250ms);
    ASSERT_TRUE(run_to_end());
    runs.push_back(session_->stats());
  }

  EXPECT_EQ(runs[0].classes, runs[1].classes);
  EXPECT_EQ(runs[0].latency, runs[1].latency);
}

}  // namespace
}  // namespace mayfly
