#include "netsim/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace mayfly {
namespace {

using testing::ElementsAre;

TEST(SimulationTest, RunsEventsInTheOrderOfTheirTimes) {
  Simulation simulation;
  std::vector<int> order;
  const Timestamp start = simulation.now();

  simulation.at(start + 20ms, [&] { order.push_back(2); });
  simulation.at(start + 10ms, [&] { order.push_back(1); });
  simulation.at(start + 30ms, [&] { order.push_back(3); });
  simulation.run_for(25ms);

  EXPECT_THAT(order, ElementsAre(1, 2));
  EXPECT_EQ(simulation.now(), start + 25ms);
}

TEST(SimulationTest, RunsEventsOfOneMomentInTheOrderTheyWereScheduled) {
  Simulation simulation;
  std::string order;

  for (const char letter : {'a', 'b', 'c'}) {
    simulation.at(simulation.now() + 1ms, [&order, letter] { order += letter; });
  }
  simulation.run_for(1ms);

  EXPECT_EQ(order, "abc");
}

TEST(SimulationTest, RunsWhatIsDueInThePastAtOnceButNotInsideTheCall) {
  Simulation simulation;
  bool ran = false;

  simulation.at(simulation.now() - 1s, [&] { ran = true; });
  EXPECT_FALSE(ran);
  simulation.run_for(0ms);

  EXPECT_TRUE(ran);
}

TEST(SimulationTest, NeverRunsACancelledEvent) {
  Simulation simulation;
  bool ran = false;
  const auto event = simulation.at(simulation.now() + 1ms, [&] { ran = true; });

  simulation.cancel(event);
  simulation.run_for(1s);

  EXPECT_FALSE(ran);
}

TEST(SimulationTest, StopsAsSoonAsTheConditionHolds) {
  Simulation simulation;
  const Timestamp start = simulation.now();
  int count = 0;
  for (int i = 1; i <= 5; ++i) simulation.at(start + i * 10ms, [&] { ++count; });

  EXPECT_TRUE(simulation.run_until([&] { return count == 3; }, 1s));
  EXPECT_EQ(simulation.now(), start + 30ms);
  EXPECT_FALSE(simulation.run_until([&] { return count == 9; }, 1s));
  EXPECT_EQ(simulation.now(), start + 1030ms);
}

TEST(SimulationTest, TellsTheNewTimeBeforeAnythingOfThatMomentRuns) {
  Simulation simulation;
  Timestamp told{};
  Timestamp told_when_run{};
  simulation.set_on_tick([&](Timestamp now) { told = now; });

  simulation.at(simulation.now() + 7ms, [&] { told_when_run = told; });
  simulation.run_for(7ms);

  EXPECT_EQ(told_when_run, simulation.now());
}

TEST(SimulatedTimerTest, FiresOnceAfterItsTime) {
  Simulation simulation;
  int fired = 0;
  const auto timer = simulation.create([&] { ++fired; });

  timer->start(10ms);
  simulation.run_for(9ms);
  EXPECT_EQ(fired, 0);
  EXPECT_TRUE(timer->is_running());
  simulation.run_for(1s);

  EXPECT_EQ(fired, 1);
  EXPECT_FALSE(timer->is_running());
}

TEST(SimulatedTimerTest, MovesWhenStartedAgain) {
  Simulation simulation;
  std::vector<Timestamp> fired;
  const Timestamp start = simulation.now();
  const auto timer = simulation.create([&] { fired.push_back(simulation.now()); });

  timer->start(10ms);
  timer->start(30ms);
  simulation.run_for(1s);

  EXPECT_THAT(fired, ElementsAre(start + 30ms));
}

TEST(SimulatedTimerTest, NeverFiresOnceStoppedOrDestroyed) {
  Simulation simulation;
  bool fired = false;
  const auto stopped = simulation.create([&] { fired = true; });
  auto destroyed = simulation.create([&] { fired = true; });

  stopped->start(1ms);
  destroyed->start(1ms);
  stopped->stop();
  destroyed.reset();
  simulation.run_for(1s);

  EXPECT_FALSE(fired);
}

TEST(SimulatedTimerTest, MayRestartOrDestroyItselfInItsOwnCallback) {
  Simulation simulation;
  int fired = 0;
  std::unique_ptr<Timer> timer;
  timer = simulation.create([&] {
    if (++fired < 3) {
      timer->start(1ms);
    } else {
      timer.reset();
    }
  });

  timer->start(1ms);
  simulation.run_for(1s);

  EXPECT_EQ(fired, 3);
  EXPECT_EQ(timer, nullptr);
}

}  // namespace
}  // namespace mayfly
