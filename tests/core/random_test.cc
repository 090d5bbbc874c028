#include "core/random.h"

#include <gtest/gtest.h>

namespace mayfly {
namespace {

TEST(RandomTest, GivesTheSameRunForTheSameSeed) {
  Random a(7);
  Random b(7);
  Random other(8);

  EXPECT_EQ(a.bits(), b.bits());
  EXPECT_NE(a.bits(), other.bits());
}

TEST(RandomTest, KeepsAForkIndependentOfLaterDraws) {
  Random a(7);
  Random b(7);
  Random fork_a = a.fork(1);
  Random fork_b = b.fork(1);
  (void)a.bits();

  EXPECT_EQ(fork_a.bits(), fork_b.bits());
}

TEST(RandomTest, HitsAChanceAboutAsOftenAsAsked) {
  constexpr int kDraws = 100'000;
  Random random(1);
  int hits = 0;

  for (int i = 0; i < kDraws; ++i) hits += random.chance(0.05) ? 1 : 0;

  // Binomial: mean 5000, standard deviation 69; five of them either way.
  EXPECT_NEAR(hits, 5000, 345);
}

TEST(RandomTest, DrawsExponentialsWithTheMeanAsked) {
  constexpr int kDraws = 100'000;
  Random random(2);
  double sum = 0;

  for (int i = 0; i < kDraws; ++i) sum += random.exponential(20);

  EXPECT_NEAR(sum / kDraws, 20, 0.35);  // standard error 0.063
}

TEST(RandomTest, StaysInsideARangeAndReachesBothEnds) {
  Random random(3);
  bool low = false;
  bool high = false;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t value = random.between(10, 13);
    ASSERT_GE(value, 10U);
    ASSERT_LE(value, 13U);
    low |= value == 10;
    high |= value == 13;
  }
  EXPECT_TRUE(low && high);
}

}  // namespace
}  // namespace mayfly
