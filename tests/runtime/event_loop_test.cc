#include "runtime/event_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <thread>

#include "core/file_descriptor.h"

namespace mayfly {
namespace {

using testing::ElementsAre;

// Far beyond what any of these needs on a busy machine; a test that reaches it fails.
constexpr Duration kLimit = 20s;

// Two connected descriptors: what is written to one can be read from the other.
struct DescriptorPair {
  DescriptorPair() {
    std::array<int, 2> both{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, both.data()), 0);
    near = FileDescriptor(both[0]);
    far = FileDescriptor(both[1]);
  }
  void write_to_far() const { EXPECT_EQ(::write(near.get(), "x", 1), 1); }
  [[nodiscard]] bool read_far() const {
    char byte = 0;
    return ::read(far.get(), &byte, 1) == 1;
  }
  FileDescriptor near;
  FileDescriptor far;
};

TEST(EventLoopTest, FiresTimersInTheOrderOfTheirTimesAndNeverEarly) {
  EventLoop loop;
  std::vector<int> order;
  std::vector<Duration> early_by;
  const Timestamp start = loop.now();
  std::vector<std::unique_ptr<Timer>> timers;
  for (const int ms : {30, 10, 20}) {
    timers.push_back(loop.create([&, ms] {
      order.push_back(ms);
      if (loop.now() < start + ms * 1ms) early_by.push_back(start + ms * 1ms - loop.now());
    }));
    timers.back()->start(ms * 1ms);
  }

  EXPECT_TRUE(loop.run_until([&] { return order.size() == 3; }, kLimit));

  EXPECT_THAT(order, ElementsAre(10, 20, 30));
  EXPECT_THAT(early_by, testing::IsEmpty());
}

TEST(EventLoopTest, NeverFiresATimerThatWasStoppedMovedOrDestroyedWhileItsExpiryWaited) {
  EventLoop loop;
  std::string fired;
  const auto stopped = loop.create([&] { fired += 's'; });
  const auto moved = loop.create([&] { fired += 'm'; });
  auto destroyed = loop.create([&] { fired += 'd'; });
  const auto first = loop.create([&] {
    stopped->stop();
    moved->start(1h);
    destroyed.reset();
  });
  // All expire in the same round, the first of them first.
  for (Timer* timer : {first.get(), stopped.get(), moved.get(), destroyed.get()}) timer->start(0ms);

  const auto end = loop.create([&] { fired += 'e'; });
  end->start(5ms);
  EXPECT_TRUE(loop.run_until([&] { return fired.ends_with('e'); }, kLimit));

  EXPECT_EQ(fired, "e");
  EXPECT_TRUE(moved->is_running());
  EXPECT_FALSE(stopped->is_running());
}

TEST(EventLoopTest, LetsATimerDestroyItselfInItsOwnCallback) {
  EventLoop loop;
  std::unique_ptr<Timer> timer;
  timer = loop.create([&] { timer.reset(); });
  timer->start(0ms);

  EXPECT_TRUE(loop.run_until([&] { return timer == nullptr; }, kLimit));
}

TEST(EventLoopTest, RunsPostedWorkLaterAndInOrder) {
  EventLoop loop;
  std::string ran;

  loop.post([&] {
    ran += 'a';
    loop.post([&] { ran += 'c'; });
    ran += 'b';
  });
  EXPECT_EQ(ran, "");
  EXPECT_TRUE(loop.run_until([&] { return ran.size() == 3; }, kLimit));

  EXPECT_EQ(ran, "abc");
}

TEST(EventLoopTest, TakesWorkFromOtherThreads) {
  constexpr int kEach = 1000;
  EventLoop loop;
  int ran = 0;
  bool elsewhere = false;
  const auto post_many = [&] {
    for (int i = 0; i < kEach; ++i) {
      loop.post([&] {
        ++ran;
        elsewhere = elsewhere || !loop.is_current();
      });
    }
  };
  std::thread one(post_many);
  std::thread other(post_many);

  EXPECT_TRUE(loop.run_until([&] { return ran == 2 * kEach; }, kLimit));
  one.join();
  other.join();

  EXPECT_FALSE(elsewhere);
  EXPECT_FALSE(loop.is_current());
}

TEST(EventLoopTest, StopsFromAnotherThreadAndRunsAgain) {
  EventLoop loop;
  std::thread stopper([&] { loop.stop(); });
  loop.run();
  stopper.join();

  bool ran = false;
  loop.post([&] {
    ran = true;
    loop.stop();
  });
  loop.run();

  EXPECT_TRUE(ran);
}

TEST(EventLoopTest, GivesUpWaitingAtTheLimit) {
  EventLoop loop;
  const Timestamp start = loop.now();

  EXPECT_FALSE(loop.run_until([] { return false; }, 5ms));

  EXPECT_GE(loop.now() - start, 5ms);
}

TEST(EventLoopTest, RunsRoundEndWorkOnceForAllOfARound) {
  EventLoop loop;
  std::string log;
  const auto task = loop.at_round_end([&] { log += '|'; });
  const auto note = [&](char letter) {
    log += letter;
    task->schedule();
  };

  loop.post([&] { note('a'); });
  loop.post([&] { note('b'); });
  EXPECT_TRUE(loop.run_until([&] { return !log.empty(); }, kLimit));

  EXPECT_EQ(log, "ab|");
}

TEST(EventLoopTest, RunsRoundEndWorkScheduledFromOutsideOrByItselfWithoutWaitingForAnEvent) {
  EventLoop loop;
  int ran = 0;
  std::unique_ptr<EventLoop::RoundEndTask> task;
  task = loop.at_round_end([&] {
    if (++ran < 3) task->schedule();
  });

  task->schedule();
  EXPECT_TRUE(loop.run_until([&] { return ran == 3; }, kLimit));
}

TEST(EventLoopTest, NeverRunsRoundEndWorkThatWasDestroyed) {
  EventLoop loop;
  bool ran = false;
  auto task = loop.at_round_end([&] { ran = true; });

  task->schedule();
  task.reset();
  EXPECT_FALSE(loop.run_until([] { return false; }, 1ms));

  EXPECT_FALSE(ran);
}

TEST(EventLoopTest, CallsAgainWhileADescriptorStaysReadable) {
  EventLoop loop;
  const DescriptorPair pair;
  int calls = 0;
  const auto watch = loop.watch(pair.far.get(),
                                [&] {
                                  if (++calls == 3) (void)pair.read_far();
                                },
                                {});

  pair.write_to_far();
  EXPECT_TRUE(loop.run_until([&] { return calls == 3; }, kLimit));
  EXPECT_FALSE(loop.run_until([&] { return calls > 3; }, 5ms));
}

TEST(EventLoopTest, TellsOfWritabilityOnlyWhileItIsWanted) {
  EventLoop loop;
  const DescriptorPair pair;
  int writable = 0;
  std::unique_ptr<Reactor::Watch> watch;
  watch = loop.watch(
      pair.far.get(), [] {},
      [&] {
        if (++writable == 2) watch->want_writable(false);
      });

  EXPECT_FALSE(loop.run_until([&] { return writable > 0; }, 5ms));
  watch->want_writable(true);
  EXPECT_TRUE(loop.run_until([&] { return writable == 2; }, kLimit));
  EXPECT_FALSE(loop.run_until([&] { return writable > 2; }, 5ms));
}

TEST(EventLoopTest, LetsAWatchBeDestroyedInsideItsOwnCallback) {
  EventLoop loop;
  const DescriptorPair pair;
  std::unique_ptr<Reactor::Watch> watch;
  int calls = 0;
  watch = loop.watch(pair.far.get(),
                     [&] {
                       ++calls;
                       watch.reset();
                     },
                     {});

  pair.write_to_far();
  EXPECT_TRUE(loop.run_until([&] { return calls == 1; }, kLimit));
  pair.write_to_far();
  EXPECT_FALSE(loop.run_until([&] { return calls > 1; }, 5ms));
  EXPECT_TRUE(pair.read_far());  // the descriptor is still open
}

TEST(EventLoopTest, WatchesADescriptorAnewAfterItsWatchEnded) {
  EventLoop loop;
  const DescriptorPair pair;
  bool first = false;
  bool second = false;

  loop.watch(pair.far.get(), [&] { first = true; }, {}).reset();
  const auto watch = loop.watch(pair.far.get(), [&] { second = pair.read_far(); }, {});
  pair.write_to_far();

  EXPECT_TRUE(loop.run_until([&] { return second; }, kLimit));
  EXPECT_FALSE(first);
}

TEST(EventLoopTest, HandsSignalsToTheLoopEachTimeTheyCome) {
  EventLoop loop;
  std::vector<int> signals;
  loop.set_on_signal([&](int signal) { signals.push_back(signal); });

  ASSERT_EQ(std::raise(SIGTERM), 0);
  EXPECT_TRUE(loop.run_until([&] { return signals.size() == 1; }, kLimit));
  ASSERT_EQ(std::raise(SIGINT), 0);
  EXPECT_TRUE(loop.run_until([&] { return signals.size() == 2; }, kLimit));

  EXPECT_THAT(signals, ElementsAre(SIGTERM, SIGINT));
}

TEST(EventLoopTest, KeepsTheUserSignalApartFromThoseThatEnd) {
  EventLoop loop;
  int asked = 0;
  loop.set_on_signal([](int signal) { ADD_FAILURE() << signal; });
  loop.set_on_user_signal([&] { ++asked; });

  ASSERT_EQ(std::raise(SIGUSR1), 0);
  EXPECT_TRUE(loop.run_until([&] { return asked == 1; }, kLimit));
  ASSERT_EQ(std::raise(SIGUSR1), 0);
  EXPECT_TRUE(loop.run_until([&] { return asked == 2; }, kLimit));
}

TEST(EventLoopTest, LetsASignalCallbackGiveTheSignalsBack) {
  EventLoop loop;
  int calls = 0;
  loop.set_on_signal([&](int) {
    ++calls;
    loop.set_on_signal({});
  });

  ASSERT_EQ(std::raise(SIGINT), 0);
  EXPECT_TRUE(loop.run_until([&] { return calls == 1; }, kLimit));

  struct sigaction action {};
  ASSERT_EQ(::sigaction(SIGINT, nullptr, &action), 0);
  EXPECT_EQ(action.sa_handler, SIG_DFL);
}

}  // namespace
}  // namespace mayfly
