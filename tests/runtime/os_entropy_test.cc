#include "runtime/os_entropy.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mayfly {
namespace {

TEST(OsEntropyTest, IsAnotherEachTime) {
  const auto one = os_entropy();
  const auto other = os_entropy();

  ASSERT_TRUE(one) << one.error().message;
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_NE(*one, *other);
  EXPECT_FALSE(std::ranges::all_of(*one, [](std::byte each) { return each == std::byte{0}; }));
}

}  // namespace
}  // namespace mayfly
