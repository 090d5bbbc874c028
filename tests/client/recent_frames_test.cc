#include "client/recent_frames.h"

#include <gtest/gtest.h>

#include <set>

#include "core/random.h"

namespace mayfly {
namespace {

TEST(RecentFramesTest, RemembersWhatWasAddedWithinTheWindow) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    RecentFrames recent;
    std::set<uint32_t> all;
    uint32_t newest = 0;
    for (int i = 0; i < 5000; ++i) {
      const auto ahead = static_cast<uint32_t>(random.between(0, random.chance(0.01) ? 9000 : 20));
      const uint32_t number = newest + ahead - std::min<uint32_t>(newest, 10);
      if (!all.empty() && number + RecentFrames::kWindow <= newest) continue;
      recent.add(FrameNumber(number));
      all.insert(number);
      newest = std::max(newest, number);
      const auto back = static_cast<uint32_t>(random.between(0, 5000));
      const uint32_t asked = newest - std::min(newest, back);
      const bool expected = all.contains(asked) && newest - asked < RecentFrames::kWindow;
      ASSERT_EQ(recent.contains(FrameNumber(asked)), expected) << asked << " of " << newest;
      ASSERT_EQ(recent.is_forgotten(FrameNumber(asked)), newest - asked >= RecentFrames::kWindow);
    }
  }
}

TEST(RecentFramesTest, HasNothingAtFirst) {
  const RecentFrames recent;
  EXPECT_FALSE(recent.contains(FrameNumber(0)));
  EXPECT_FALSE(recent.is_forgotten(FrameNumber(0)));
}

TEST(RecentFramesTest, ANumberFarAheadForgetsTheRestAndAnOldOneIsNotTaken) {
  RecentFrames recent;
  recent.add(FrameNumber(5));
  recent.add(FrameNumber(0xffffffff));
  recent.add(FrameNumber(6));

  EXPECT_TRUE(recent.contains(FrameNumber(0xffffffff)));
  EXPECT_FALSE(recent.contains(FrameNumber(5)));
  EXPECT_FALSE(recent.contains(FrameNumber(6)));
  EXPECT_TRUE(recent.is_forgotten(FrameNumber(5)));
  EXPECT_FALSE(recent.contains(FrameNumber(0xfffffffe)));
}

}  // namespace
}  // namespace mayfly
