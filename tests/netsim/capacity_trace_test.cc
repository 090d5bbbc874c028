#include "netsim/capacity_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mayfly {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string mistake_in(std::string_view text) {
  const auto trace = parse_capacity_trace(text);
  EXPECT_FALSE(trace.has_value());
  return trace ? "" : trace.error().message;
}

TEST(CapacityTraceTest, ReadsAMillisecondPerLine) {
  EXPECT_THAT(parse_capacity_trace("0\n5\n5\n12\n")->opportunities,
              ElementsAre(0ms, 5ms, 5ms, 12ms));
  EXPECT_THAT(parse_capacity_trace("1")->opportunities, ElementsAre(1ms));
}

TEST(CapacityTraceTest, OverlooksEmptyLinesAndCarriageReturns) {
  EXPECT_THAT(parse_capacity_trace("1\r\n\r\n2\r\n\n")->opportunities, ElementsAre(1ms, 2ms));
}

TEST(CapacityTraceTest, NamesTheLineThatIsWrong) {
  EXPECT_THAT(mistake_in("1\n2x\n"), HasSubstr("line 2: \"2x\" is not a whole number"));
  EXPECT_THAT(mistake_in("1\n\n-3\n"), HasSubstr("line 3: \"-3\" is not a whole number"));
  EXPECT_THAT(mistake_in("5\n4\n"), HasSubstr("line 2: times must not go backwards"));
  EXPECT_THAT(mistake_in("99999999999\n"), HasSubstr("line 1: "));
}

TEST(CapacityTraceTest, RefusesATraceWithoutLength) {
  EXPECT_THAT(mistake_in(""), HasSubstr("needs a line"));
  EXPECT_THAT(mistake_in("\n\n"), HasSubstr("needs a line"));
  EXPECT_THAT(mistake_in("0\n0\n"), HasSubstr("must not be 0"));
}

TEST(CapacityTraceTest, SaysWhichFileIsNotThere) {
  const auto trace = read_capacity_trace("/nonexistent/lte.trace");

  ASSERT_FALSE(trace.has_value());
  EXPECT_EQ(trace.error().code, ErrorCode::NotFound);
  EXPECT_THAT(trace.error().message, HasSubstr("/nonexistent/lte.trace"));
}

TEST(CapacityTraceTest, DoesNotReadAnEndlessFile) {
  const auto trace = read_capacity_trace("/dev/zero");

  ASSERT_FALSE(trace.has_value());
  EXPECT_THAT(trace.error().message, HasSubstr("/dev/zero: larger than 64MiB"));
}

TEST(CapacityTraceTest, SaysThatAnEmptyFileIsNoTrace) {
  const auto trace = read_capacity_trace("/dev/null");

  ASSERT_FALSE(trace.has_value());
  EXPECT_EQ(trace.error().code, ErrorCode::Malformed);
}

}  // namespace
}  // namespace mayfly
