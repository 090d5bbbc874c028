// Things that happen to players and links in mid-play.

#include <gmock/gmock.h>

#include <algorithm>
#include <array>

#include "tests/simulation/clips.h"
#include "tests/simulation/simulated_world.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::PrintToString;

SimulatedWorld::Settings settings(uint64_t seed, uint32_t pictures = 250) {
  SimulatedWorld::Settings settings;
  settings.clip = half_megabit_clip(seed);
  settings.clip.pictures = pictures;
  settings.seed = seed;
  return settings;
}

SimulatedPlayer& join_and_play(SimulatedWorld& world, const std::string& name,
                               const std::string& link, Duration delay = 500ms) {
  SimulatedPlayer& player = world.join(name, link);
  player.session().play({.clip = SimulatedWorld::kClip, .playout_delay = delay});
  return player;
}

uint64_t due_at_server(const Outcome& outcome) {
  uint64_t due = 0;
  for (const SenderClassStats& each : outcome.server->classes) due += each.due;
  return due;
}

// Frames that were shown from this decode time on.
uint64_t shown_from(const Outcome& outcome, MediaTime dts) {
  return static_cast<uint64_t>(
      std::ranges::count_if(outcome.shown, [dts](const Frame& frame) { return frame.dts >= dts; }));
}

TEST(TroubleTest, ABlackoutOfTwoSecondsInMidPlayIsOverWhenItIsOver) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    SimulatedWorld world(settings(seed, 300));
    SimulatedPlayer& player = join_and_play(world, "the player", "delay=20ms,outage=4s+2s");
    ASSERT_TRUE(world.run_until_finished(player, 60s)) << world.story();
    world.run_for(5s);
    const Outcome outcome = world.outcome(player);
    SCOPED_TRACE(PrintToString(outcome));

    EXPECT_TRUE(outcome.was_good()) << outcome.error();
    EXPECT_THAT(outcome.wrong, IsEmpty());
    EXPECT_TRUE(states_sum_to_sent(outcome));
    EXPECT_EQ(outcome.sum(&ClassFates::sent), 300U);
    // The next retransmission comes within rto_max = 400 ms of the end of the outage; after a GOP
    // of 1 s at most, all is as before. From 8 s on nothing is missing.
    EXPECT_EQ(shown_from(outcome, MediaTime(8s)), 100U);
    EXPECT_GE(outcome.stats.freezes.longest, 1500ms);
    EXPECT_LE(outcome.stats.freezes.longest, 3500ms);
    EXPECT_GE(outcome.stats.q(), 0.7);
  }
}

TEST(TroubleTest, APlayerWhosePortChangesInMidPlayPlaysOn) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    SimulatedWorld world(settings(seed));
    SimulatedPlayer& player = join_and_play(world, "the player", "delay=20ms");
    world.run_for(4s);
    const IpEndpoint before = player.socket().outside();
    player.socket().move_to_another_port();
    ASSERT_NE(player.socket().outside(), before);
    ASSERT_TRUE(world.run_until_finished(player, 60s)) << world.story();
    world.run_for(5s);
    const Outcome outcome = world.outcome(player);
    SCOPED_TRACE(PrintToString(outcome));

    EXPECT_TRUE(outcome.was_good()) << outcome.error();
    EXPECT_THAT(outcome.wrong, IsEmpty());
    EXPECT_TRUE(states_sum_to_sent(outcome));
    EXPECT_EQ(outcome.genuine_of(FrameClass::I), 10U);
    // The server learns of the new port from the next packet of the player, at the latest its
    // report 200 ms later, and must see a probe answered, 40 ms; a lost SACK costs one timeout.
    EXPECT_EQ(shown_from(outcome, MediaTime(6s)), 100U);
    EXPECT_GE(outcome.stats.q(), 0.8);
  }
}

TEST(TroubleTest, PausesAndSeeksOverALossyLinkLandRightAndKeepTheBooks) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SimulatedWorld world(settings(seed, 500));
    SimulatedPlayer& player = join_and_play(world, "the player", "loss=3%,delay=30ms");
    world.run_for(3s);
    player.session().pause();
    world.run_for(1s);
    const size_t shown = player.sink().frames.size();
    EXPECT_GT(shown, 40U);
    world.run_for(2s);
    EXPECT_EQ(player.sink().frames.size(), shown) << "plays while paused";
    player.session().resume();
    world.run_for(1s);
    EXPECT_GT(player.sink().frames.size(), shown);

    player.session().seek(MediaTime(16'500ms));
    world.run_for(1500ms);
    const auto& jumps = player.sink().jumped_before;
    ASSERT_EQ(jumps.size(), 1U) << world.story();
    ASSERT_GT(player.sink().frames.size(), jumps.front());
    const Frame& landing = player.sink().frames[jumps.front()];
    EXPECT_EQ(landing.frame_class, FrameClass::I);
    // I pictures are at whole seconds.
    EXPECT_EQ(landing.dts, MediaTime(16s));

    ASSERT_TRUE(world.run_until_finished(player, 60s)) << world.story();
    world.run_for(5s);
    const Outcome outcome = world.outcome(player);
    SCOPED_TRACE(PrintToString(outcome));
    EXPECT_TRUE(outcome.was_good()) << outcome.error();
    EXPECT_THAT(outcome.refused, IsEmpty());
    EXPECT_THAT(outcome.wrong, IsEmpty());
    EXPECT_TRUE(states_sum_to_sent(outcome));
    EXPECT_EQ(outcome.playouts, 2U);
    ASSERT_TRUE(outcome.server);
    EXPECT_EQ(outcome.sum(&ClassFates::sent), due_at_server(outcome));
  }
}

TEST(TroubleTest, AServerThatNobodyReachesIsToldInASentence) {
  SimulatedWorld world(settings(1));
  SimulatedPlayer& player = join_and_play(world, "the player", "loss=100%");

  ASSERT_TRUE(world.run_until_finished(player, 30s)) << world.story();

  const Outcome outcome = world.outcome(player);
  EXPECT_FALSE(outcome.was_good());
  EXPECT_THAT(outcome.error(), HasSubstr("10.0.0.1:9899"));
  EXPECT_EQ(outcome.server, std::nullopt);
}

}  // namespace
}  // namespace mayfly
