#include "lab/bootstrap.h"

#include <gmock/gmock.h>

#include "core/random.h"

namespace mayfly {
namespace {

TEST(BootstrapTest, EqualValuesHaveNoSpread) {
  const Interval interval = bootstrap_mean(std::vector<double>(30, 0.7));

  EXPECT_NEAR(interval.mean, 0.7, 1e-12);
  EXPECT_NEAR(interval.lo, 0.7, 1e-12);
  EXPECT_NEAR(interval.hi, 0.7, 1e-12);
}

// Of 400 intervals 380 should hold the truth. The percentile form is a little narrow for 30 values
// (93.5 %), and three standard errors of a share of .935 among 400 are .037.
TEST(BootstrapTest, HoldsTheTruthAboutNineteenTimesInTwenty) {
  Random random(7);
  int held = 0;
  for (int trial = 0; trial < 400; ++trial) {
    std::vector<double> values(30);
    for (double& each : values) each = random.normal(5, 2);
    const Interval interval = bootstrap_mean(values);
    if (interval.lo <= 5 && 5 <= interval.hi) ++held;
  }
  EXPECT_GE(held, 359);
  EXPECT_LE(held, 394);
}

// What differs between seeds is common to both, and drops out.
TEST(BootstrapTest, PairedDifferencesForgetWhatSeedsHaveInCommon) {
  Random random(8);
  std::vector<double> ours, theirs;
  for (int seed = 0; seed < 30; ++seed) {
    const double channel = random.normal(0.5, 0.2);
    ours.push_back(channel + 0.05);
    theirs.push_back(channel);
  }
  const Interval difference = bootstrap_difference(ours, theirs);
  const Interval alone = bootstrap_mean(ours);

  EXPECT_NEAR(difference.lo, 0.05, 1e-9);
  EXPECT_NEAR(difference.hi, 0.05, 1e-9);
  EXPECT_GT(alone.hi - alone.lo, 0.05);
}

TEST(BootstrapTest, GivesTheSameIntervalTwice) {
  const std::vector<double> values = {0.1, 0.5, 0.9, 0.3};
  EXPECT_EQ(bootstrap_mean(values), bootstrap_mean(values));
}

}  // namespace
}  // namespace mayfly
