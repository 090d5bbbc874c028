#include "lab/forked_runs.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <map>
#include <stdexcept>

namespace mayfly {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

const std::atomic<bool> kNever{false};

TEST(ForkedRunsTest, EveryPieceIsDoneOnceAndItsOutputComesBackWhole) {
  for (const size_t at_once : {1U, 3U, 50U}) {
    std::map<size_t, std::string> outputs;
    const auto done = ForkedRuns(at_once).run(
        20, [](size_t index) { return std::string(index * 10'000, 'a'); },
        [&](size_t index, Result<std::string> output) -> Result<void> {
          EXPECT_TRUE(outputs.emplace(index, output.value()).second);
          return {};
        },
        kNever);

    EXPECT_TRUE(done);
    EXPECT_THAT(outputs, SizeIs(20));
    for (const auto& [index, output] : outputs) EXPECT_EQ(output.size(), index * 10'000);
  }
}

TEST(ForkedRunsTest, OneThatBreaksIsToldOfAndHarmsNoOther) {
  std::map<size_t, Result<std::string>> outputs;
  const auto done = ForkedRuns(2).run(
      4,
      [](size_t index) -> std::string {
        if (index == 1) (void)raise(SIGKILL);
        if (index == 2) throw std::runtime_error("no such luck");
        return "fine";
      },
      [&](size_t index, Result<std::string> output) -> Result<void> {
        outputs.emplace(index, std::move(output));
        return {};
      },
      kNever);

  EXPECT_TRUE(done);
  ASSERT_THAT(outputs, SizeIs(4));
  EXPECT_EQ(outputs.at(0).value(), "fine");
  EXPECT_EQ(outputs.at(3).value(), "fine");
  EXPECT_THAT(outputs.at(1).error().message, HasSubstr("ended by signal 9"));
  EXPECT_THAT(outputs.at(2).error().message, HasSubstr("no such luck"));
}

TEST(ForkedRunsTest, OneThatFailsSaysWhy) {
  std::string why;
  const auto done = ForkedRuns(1).run(
      1, [](size_t) -> Result<std::string> { return failure(ErrorCode::Io, "no network here"); },
      [&](size_t, const Result<std::string>& output) -> Result<void> {
        why = output.error().message;
        return {};
      },
      kNever);

  EXPECT_TRUE(done);
  EXPECT_THAT(why, HasSubstr("no network here"));
}

std::atomic<bool> stop_signalled{false};

// The signal may come before the parent waits or while it does: that is left to chance, often.
TEST(ForkedRunsTest, StopsForASignalWheneverItComes) {
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) { stop_signalled = true; };
  sigaction(SIGUSR1, &action, &before);
  for (int i = 0; i < 200; ++i) {
    stop_signalled = false;
    EXPECT_TRUE(ForkedRuns(1).run(
        1,
        [](size_t) -> std::string {
          (void)kill(getppid(), SIGUSR1);
          for (;;) pause();
        },
        [](size_t, const Result<std::string>&) -> Result<void> { return {}; }, stop_signalled));
  }
  sigaction(SIGUSR1, &before, nullptr);
}

TEST(ForkedRunsTest, StopsWhenAskedAndKeepsWhatIsDone) {
  std::atomic<bool> stop{false};
  size_t finished = 0;
  const auto done = ForkedRuns(1).run(
      10, [](size_t) { return std::string("x"); },
      [&](size_t, Result<std::string>) -> Result<void> {
        stop = ++finished == 3;
        return {};
      },
      stop);

  EXPECT_TRUE(done);
  EXPECT_EQ(finished, 3U);
}

TEST(ForkedRunsTest, AnErrorOfTheOneWhoIsToldEndsEverything) {
  size_t told = 0;
  const auto done = ForkedRuns(2).run(
      10, [](size_t) { return std::string("x"); },
      [&](size_t, const Result<std::string>&) -> Result<void> {
        ++told;
        return failure(ErrorCode::Io, "the disk is full");
      },
      kNever);

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "the disk is full");
  EXPECT_EQ(told, 1U);
}

}  // namespace
}  // namespace mayfly
