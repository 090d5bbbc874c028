#include "lab/viewer.h"

#include <gmock/gmock.h>

namespace mayfly {
namespace {

constexpr Duration kInterval = 40ms;

TEST(ViewerTest, AnUnbrokenClipRunsAtItsOwnRateWithoutAFreeze) {
  const ViewerFigures figures = figures_of_viewer(std::vector<bool>(250, true), kInterval);

  EXPECT_EQ(figures.longest_freeze, 0ms);
  EXPECT_EQ(figures.freezes, 0U);
  EXPECT_EQ(figures.freeze_ratio, 0);
  EXPECT_NEAR(figures.harmonic_fps, 25, 1e-9);
}

// Of ten seconds nine run, and one picture stands for one second: 10 / (9 x .04 + 1).
TEST(ViewerTest, OneFreezeOfASecondTakesTheHarmonicRateTo7Point35) {
  std::vector<bool> shown(250, true);
  // The next change comes 25 slots after the last.
  for (size_t i = 100; i < 124; ++i) shown[i] = false;
  const ViewerFigures figures = figures_of_viewer(shown, kInterval);

  EXPECT_NEAR(figures.harmonic_fps, 10 / (9 * 0.04 + 1), 1e-9);
  EXPECT_EQ(figures.longest_freeze, 960ms);
  EXPECT_EQ(figures.freezes, 1U);
  EXPECT_EQ(figures.frozen, 1s);
  EXPECT_NEAR(figures.freeze_ratio, 0.096, 1e-9);
}

// The average is 40 ms, so that a gap is a freeze from 190 ms on.
TEST(ViewerTest, AGapIsAFreezeFromTheAverageAnd150MillisecondsOn) {
  for (const auto& [missing, freezes] : {std::pair{3U, 0U}, std::pair{4U, 1U}}) {
    std::vector<bool> shown(100, true);
    for (size_t i = 50; i < 50 + missing; ++i) shown[i] = false;

    EXPECT_EQ(figures_of_viewer(shown, kInterval).freezes, freezes) << missing;
  }
}

TEST(ViewerTest, BlackBeforeTheFirstPictureAndAStandingLastOneCount) {
  std::vector<bool> shown(100, true);
  for (size_t i = 0; i < 10; ++i) shown[i] = false;
  for (size_t i = 80; i < 100; ++i) shown[i] = false;
  const ViewerFigures figures = figures_of_viewer(shown, kInterval);

  EXPECT_EQ(figures.freezes, 2U);
  EXPECT_EQ(figures.longest_freeze, 20 * kInterval);
  EXPECT_NEAR(figures.freeze_ratio, 0.3, 1e-9);
}

TEST(ViewerTest, NothingShownIsOneFreezeOverAll) {
  const ViewerFigures figures = figures_of_viewer(std::vector<bool>(100, false), kInterval);

  EXPECT_EQ(figures.freezes, 1U);
  EXPECT_EQ(figures.frozen, 4s);
  EXPECT_EQ(figures.longest_freeze, 4s);
  EXPECT_EQ(figures.freeze_ratio, 1);
  EXPECT_NEAR(figures.harmonic_fps, 0.25, 1e-9);
}

}  // namespace
}  // namespace mayfly
