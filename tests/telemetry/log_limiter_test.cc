#include "telemetry/log_limiter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mayfly {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr Timestamp kStart{100s};

uint64_t let_through(LogLimiter& limiter, const std::string& kind, int times, Timestamp now) {
  uint64_t count = 0;
  for (int i = 0; i < times; ++i) count += limiter.ask(kind, now).is_let_through ? 1U : 0U;
  return count;
}

TEST(LogLimiterTest, LetsABurstThroughAndThenOneNowAndThen) {
  LogLimiter limiter({.burst = 3, .every = 5s});

  EXPECT_EQ(let_through(limiter, "a", 10, kStart), 3U);
  EXPECT_EQ(let_through(limiter, "a", 10, kStart + 4999ms), 0U);
  EXPECT_EQ(let_through(limiter, "a", 10, kStart + 5s), 1U);
  EXPECT_EQ(let_through(limiter, "a", 10, kStart + 1h), 3U);
}

TEST(LogLimiterTest, AFloodOfOneKindHoldsNoOtherBack) {
  LogLimiter limiter({.burst = 3, .every = 5s});
  static_cast<void>(let_through(limiter, "a", 1000, kStart));

  EXPECT_EQ(let_through(limiter, "b", 1, kStart), 1U);
}

TEST(LogLimiterTest, SaysHowManyWereSuppressed) {
  LogLimiter limiter({.burst = 1, .every = 5s});
  static_cast<void>(let_through(limiter, "a", 8, kStart));
  EXPECT_TRUE(limiter.owes());

  const auto next = limiter.ask("a", kStart + 5s);

  EXPECT_TRUE(next.is_let_through);
  EXPECT_EQ(next.suppressed, 7U);
  EXPECT_FALSE(limiter.owes());
}

TEST(LogLimiterTest, TellsOfTheLastSuppressedWithoutAnotherLine) {
  LogLimiter limiter({.burst = 1, .every = 5s});
  static_cast<void>(let_through(limiter, "a", 8, kStart));

  EXPECT_THAT(limiter.take_suppressed(kStart + 1s), IsEmpty());
  EXPECT_THAT(limiter.take_suppressed(kStart + 5s), ElementsAre(Pair("a", 7)));
  EXPECT_THAT(limiter.take_suppressed(kStart + 10s), IsEmpty());
  EXPECT_EQ(let_through(limiter, "a", 10, kStart + 6s), 0U) << "what was told counts as a line";
}

// A day of a flood is a bounded number of lines.
TEST(LogLimiterTest, WritesNoMoreThanItsLimitsInADay) {
  LogLimiter limiter({.burst = 20, .every = 5s});
  uint64_t lines = 0;
  for (Timestamp now = kStart; now < kStart + 24h; now += 100ms) {
    lines += limiter.ask("a", now).is_let_through ? 1U : 0U;
  }
  EXPECT_LE(lines, 20U + 24 * 60 * 60 / 5);
}

}  // namespace
}  // namespace mayfly
