#include "demux/damage_tally.h"

#include <gtest/gtest.h>

namespace mayfly {
namespace {

TEST(DamageTallyTest, SaysNothingOfAnUndamagedClip) {
  EXPECT_EQ(DamageTally().text(), std::nullopt);
}

TEST(DamageTallyTest, TellsOnePlaceOnceHoweverOftenItWasNoticed) {
  DamageTally tally;
  tally.note(2'960ms, "packets are missing");
  tally.note(3'000ms, "out of step");
  tally.note(3'400ms, "a broken frame");

  EXPECT_EQ(tally.text(), "2.96 s (packets are missing)");
}

TEST(DamageTallyTest, CountsPlacesThatLieApart) {
  DamageTally tally;
  tally.note(1s, "packets are missing");
  tally.note(2s, "out of step");
  EXPECT_EQ(tally.text(),
            "1.00 s (packets are missing), and at 1 more place, the last after 2.00 s");

  tally.note(9s, "out of step");
  EXPECT_EQ(tally.text(),
            "1.00 s (packets are missing), and at 2 more places, the last after 9.00 s");
}

}  // namespace
}  // namespace mayfly
