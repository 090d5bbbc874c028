#include "core/units.h"

#include <gtest/gtest.h>

namespace mayfly {
namespace {

TEST(DataRateTest, TakesTheTimeTheBitsNeedRoundedUp) {
  const DataRate rate = DataRate::bits_per_second(1'000'000);

  EXPECT_EQ(rate.time_for(125), 1ms);
  EXPECT_EQ(rate.time_for(126), 1008us);
  EXPECT_EQ(DataRate::bits_per_second(3).time_for(1), Duration(2'666'667));
}

TEST(DataRateTest, IsWhatBytesOverTimeGive) {
  EXPECT_EQ(DataRate::of(125'000, 1s).bits_per_second(), 1'000'000);
  EXPECT_EQ(DataRate::of(1, 0s).bits_per_second(), 0);
  EXPECT_EQ(DataRate::bits_per_second(8'000).bytes_in(500ms), 500U);
}

}  // namespace
}  // namespace mayfly
