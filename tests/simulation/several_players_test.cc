#include <gmock/gmock.h>

#include <iostream>
#include <vector>

#include "tests/simulation/clips.h"
#include "tests/simulation/simulated_world.h"

namespace mayfly {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Not;
using ::testing::PrintToString;

SimulatedWorld::Settings settings(uint64_t seed) {
  SimulatedWorld::Settings settings;
  settings.clip = half_megabit_clip();
  settings.seed = seed;
  return settings;
}

SimulatedPlayer& join_and_play(SimulatedWorld& world, const std::string& name,
                               const std::string& link) {
  SimulatedPlayer& player = world.join(name, link);
  player.session().play({.clip = SimulatedWorld::kClip});
  return player;
}

void expect_undisturbed(const Outcome& outcome) {
  EXPECT_TRUE(outcome.was_good()) << outcome.error();
  EXPECT_THAT(outcome.wrong, IsEmpty());
  EXPECT_EQ(outcome.stats.q(), 1.0);
  EXPECT_THAT(outcome.lateness, Each(Le(1ms)));
}

TEST(SeveralPlayersTest, OneWithABadLinkDoesNotDisturbOneWithAGoodOne) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    SimulatedWorld world(settings(seed));
    SimulatedPlayer& lucky = join_and_play(world, "the lucky one", "delay=20ms");
    world.run_for(1300ms);
    SimulatedPlayer& poor =
        join_and_play(world, "the poor one", "loss=8%,delay=50ms,rate=300kbit/s,queue=200ms");
    ASSERT_TRUE(world.run_until_finished(lucky)) << world.story();
    ASSERT_TRUE(world.run_until_finished(poor)) << world.story();
    world.run_for(5s);
    const Outcome good = world.outcome(lucky);
    const Outcome bad = world.outcome(poor);
    SCOPED_TRACE(PrintToString(good) + PrintToString(bad));

    expect_undisturbed(good);
    EXPECT_TRUE(bad.was_good()) << bad.error();
    EXPECT_THAT(bad.wrong, IsEmpty());
    EXPECT_TRUE(states_sum_to_sent(bad));
    // The link carries less than half of the clip.
    EXPECT_LT(bad.stats.q(), 0.6);
    EXPECT_EQ(world.server().session_count(), 0U);
  }
}

TEST(SeveralPlayersTest, OneThatVanishesIsEndedWithASentenceAndTheOthersPlayOn) {
  SimulatedWorld::Settings long_clip = settings(5);
  long_clip.clip.pictures = 600;
  SimulatedWorld world(long_clip);
  SimulatedPlayer& stays = join_and_play(world, "the one who stays", "delay=20ms");
  SimulatedPlayer& goes = join_and_play(world, "the one who goes", "delay=20ms,loss=1%");
  world.run_for(4s);
  ASSERT_EQ(world.server().session_count(), 2U);

  goes.socket().fall_silent();
  // 30 timeouts of 400 ms, or the 15 s of silence the server allows a player, and a goodbye of 2 s.
  world.run_for(18s);

  EXPECT_EQ(world.server().session_count(), 1U);
  const Outcome gone = world.outcome(goes);
  SCOPED_TRACE(PrintToString(gone));
  ASSERT_TRUE(gone.left);
  EXPECT_NE(gone.left->code, ErrorCode::Closed);
  EXPECT_THAT(gone.left->message, Not(IsEmpty()));
  std::cout << "the server says: " << gone.left->message << "\n";
  ASSERT_TRUE(world.run_until_finished(goes)) << world.story();
  EXPECT_FALSE(world.outcome(goes).was_good());
  std::cout << "the player says: " << world.outcome(goes).error() << "\n";
  EXPECT_TRUE(states_sum_to_sent(world.outcome(goes)));
  ASSERT_TRUE(world.run_until_finished(stays)) << world.story();
  expect_undisturbed(world.outcome(stays));
}

TEST(SeveralPlayersTest, AServerThatShutsDownSaysGoodbyeToAllAndIsDone) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    SimulatedWorld world(settings(seed));
    std::vector<SimulatedPlayer*> players = {
        &join_and_play(world, "one", "delay=20ms"),
        &join_and_play(world, "two", "delay=60ms,loss=5%"),
        &join_and_play(world, "three", "delay=30ms,rate=300kbit/s,queue=200ms")};
    world.run_for(4s);
    bool is_done = false;

    world.server().shut_down("closed for the night", [&is_done] { is_done = true; });

    // Within the server's own limit of 3 s, and not only because it passed.
    world.run_for(2900ms);
    EXPECT_TRUE(is_done) << world.story();
    EXPECT_EQ(world.server().session_count(), 0U);
    for (SimulatedPlayer* const each : players) {
      ASSERT_TRUE(world.run_until_finished(*each)) << world.story();
      const Outcome outcome = world.outcome(*each);
      SCOPED_TRACE(PrintToString(outcome));
      EXPECT_THAT(outcome.error(), HasSubstr("closed for the night"));
      EXPECT_THAT(outcome.wrong, IsEmpty());
      EXPECT_TRUE(states_sum_to_sent(outcome));
      EXPECT_GT(outcome.shown.size(), 10U);
    }
  }
}

}  // namespace
}  // namespace mayfly
