#include "core/quantity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mayfly {
namespace {

using ::testing::HasSubstr;

TEST(QuantityTest, ParsesDurationsInEveryUnit) {
  EXPECT_EQ(parse_duration("250us").value(), 250us);
  EXPECT_EQ(parse_duration("120ms").value(), 120ms);
  EXPECT_EQ(parse_duration("1.5s").value(), 1500ms);
  EXPECT_EQ(parse_duration("2 min").value(), 2min);
}

TEST(QuantityTest, RefusesANumberWithoutItsUnitAndSaysWhatWouldBeRight) {
  const auto result = parse_duration("120");

  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("120ms"));
}

TEST(QuantityTest, RefusesNegativeEndlessAndEnormousNumbers) {
  for (const char* text : {"-1ms", "nan s", "inf s", "1e3ms", "99999999999999999999s", "", "ms"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(QuantityTest, ParsesRatesSizesAndPercentages) {
  EXPECT_EQ(parse_data_rate("4Mbit/s").value().bits_per_second(), 4'000'000);
  EXPECT_EQ(parse_data_size("64KiB").value(), 65'536U);
  EXPECT_EQ(parse_data_size("2MB").value(), 2'000'000U);
  EXPECT_DOUBLE_EQ(parse_percentage("3%").value(), 0.03);
  EXPECT_FALSE(parse_percentage("101%"));
  EXPECT_FALSE(parse_percentage("3"));
}

TEST(QuantityTest, WritesWhatParsesBackToTheSameValue) {
  for (const Duration duration : {Duration(0), Duration(1), Duration(1500), Duration(120'000),
                                  Duration(2'000'000), Duration(2'500'000)}) {
    EXPECT_EQ(parse_duration(to_text(duration)).value(), duration) << to_text(duration);
  }
  EXPECT_EQ(to_text(Duration(2'500'000)), "2500ms");
  EXPECT_EQ(to_text(DataRate::bits_per_second(1'500'000)), "1500kbit/s");
  EXPECT_EQ(data_size_text(8 << 20), "8MiB");
  EXPECT_EQ(percentage_text(0.025), "2.5%");
  EXPECT_EQ(percentage_text(parse_percentage("7%").value()), "7%");
  EXPECT_EQ(percentage_text(parse_percentage("0.123456789%").value()), "0.123456789%");
  EXPECT_EQ(percentage_text(parse_percentage(".000000000002%").value()), "0.000000000002%");
}

TEST(QuantityTest, BoundsIntegers) {
  EXPECT_EQ(parse_integer("16", 1, 65535).value(), 16);
  EXPECT_FALSE(parse_integer("0", 1, 65535));
  EXPECT_FALSE(parse_integer("16x", 1, 65535));
}

}  // namespace
}  // namespace mayfly
