#include "transport/sctp/packet/serial_number.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "transport/sctp/packet/types.h"

namespace mayfly::sctp {
namespace {

using UnwrappedTsn = Unwrapped<Tsn>;
using UnwrappedSequence = Unwrapped<StreamSequence>;

TEST(SerialNumberTest, ComparesAcrossTheWrap) {
  EXPECT_TRUE(is_before(Tsn(4), Tsn(5)));
  EXPECT_FALSE(is_before(Tsn(4), Tsn(4)));
  EXPECT_FALSE(is_before(Tsn(5), Tsn(4)));
  EXPECT_TRUE(is_before(Tsn(0xffff'fff0), Tsn(3)));
  EXPECT_FALSE(is_before(Tsn(3), Tsn(0xffff'fff0)));
  EXPECT_TRUE(is_before(StreamSequence(0xffff), StreamSequence(0)));
  EXPECT_FALSE(is_before(StreamSequence(0), StreamSequence(0xffff)));
}

TEST(SerialNumberTest, ComparesUpToHalfTheSpace) {
  EXPECT_TRUE(is_before(Tsn(0), Tsn(0x7fff'ffff)));
  EXPECT_FALSE(is_before(Tsn(0), Tsn(0x8000'0001)));
  EXPECT_TRUE(is_before(StreamSequence(7), StreamSequence(0x8006)));
  EXPECT_FALSE(is_before(StreamSequence(7), StreamSequence(0x8008)));
  // Half the space apart, which RFC 1982 leaves without an order.
  EXPECT_TRUE(is_before(Tsn(0), Tsn(0x8000'0000)));
  EXPECT_TRUE(is_before(Tsn(0x8000'0000), Tsn(0)));
}

TEST(UnwrappedTest, GoesOnWhereTheWireWraps) {
  const auto before = UnwrappedTsn::first(Tsn(0xffff'ffff));

  const auto after = unwrap(Tsn(2), before);

  EXPECT_EQ(after - before, 3);
  EXPECT_EQ(after, before + 3);
  EXPECT_EQ(before, after - uint64_t{3});
  EXPECT_EQ(after.wrap(), Tsn(2));
  EXPECT_EQ(unwrap(Tsn(0xffff'ffff), after), before);
  EXPECT_EQ(before.next().wrap(), Tsn(0));
  EXPECT_EQ(before.next().previous(), before);
}

TEST(UnwrappedTest, HasRoomBelowItsBeginning) {
  const auto first = UnwrappedTsn::first(Tsn(0));

  const auto earlier = unwrap(Tsn(0xffff'fffe), first);

  EXPECT_LT(earlier, first);
  EXPECT_EQ(earlier - first, -2);
  EXPECT_EQ(first.previous().wrap(), Tsn(0xffff'ffff));
}

TEST(UnwrappedTest, CountsShortNumbersOverManyTurns) {
  auto sequence = UnwrappedSequence::first(StreamSequence(0xfff0));
  const auto first = sequence;
  for (uint64_t sent = 1; sent <= 200'000; ++sent) {
    const auto wire = StreamSequence(static_cast<uint16_t>(0xfff0 + sent));
    sequence = unwrap(wire, sequence);
    ASSERT_EQ(sequence - first, static_cast<int64_t>(sent));
  }
}

RC_GTEST_PROP(UnwrappedProperty, IsTheNearestThatLooksTheSame, (uint32_t begin, uint32_t moved)) {
  const auto near = UnwrappedTsn::first(Tsn(begin)) + moved;
  const auto wire = Tsn(*rc::gen::arbitrary<uint32_t>());

  const auto unwrapped = unwrap(wire, near);

  RC_ASSERT(unwrapped.wrap() == wire);
  RC_ASSERT(unwrapped - near >= std::numeric_limits<int32_t>::min());
  RC_ASSERT(unwrapped - near <= std::numeric_limits<int32_t>::max());
}

RC_GTEST_PROP(UnwrappedProperty, OrdersAsTheWireDoes, (uint32_t a, uint32_t b)) {
  RC_PRE(a - b != 0x8000'0000U);
  const auto at_a = UnwrappedTsn::first(Tsn(a));

  RC_ASSERT((at_a < unwrap(Tsn(b), at_a)) == is_before(Tsn(a), Tsn(b)));
  RC_ASSERT(is_before(Tsn(a), Tsn(b)) != is_before(Tsn(b), Tsn(a)) || a == b);
}

}  // namespace
}  // namespace mayfly::sctp
