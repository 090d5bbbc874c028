#include "transport/sctp/socket/spent_tags.h"

#include <gtest/gtest.h>

namespace mayfly::sctp {
namespace {

TEST(SpentTagsTest, KnowsATagAsLongAsItsCookieIsGood) {
  SpentTags spent(60s);
  spent.add(VerificationTag(1), Timestamp(1s));
  spent.add(VerificationTag(2), Timestamp(60s));
  EXPECT_TRUE(spent.contains(VerificationTag(1)));
  EXPECT_FALSE(spent.contains(VerificationTag(3)));

  spent.add(VerificationTag(3), Timestamp(61s));

  EXPECT_FALSE(spent.contains(VerificationTag(1)));
  EXPECT_TRUE(spent.contains(VerificationTag(2)));
  EXPECT_TRUE(spent.contains(VerificationTag(3)));
}

TEST(SpentTagsTest, ForgetsTheOldestBeyondItsBound) {
  SpentTags spent(60s);
  for (uint32_t tag = 1; tag <= SpentTags::kMost + 1; ++tag) {
    spent.add(VerificationTag(tag), Timestamp(1s));
  }

  EXPECT_EQ(spent.size(), SpentTags::kMost);
  EXPECT_FALSE(spent.contains(VerificationTag(1)));
  EXPECT_TRUE(spent.contains(VerificationTag(2)));
}

TEST(SpentTagsTest, TakesATagTwice) {
  SpentTags spent(60s);
  spent.add(VerificationTag(1), Timestamp(1s));
  spent.add(VerificationTag(1), Timestamp(2s));

  EXPECT_EQ(spent.size(), 1U);
  EXPECT_TRUE(spent.contains(VerificationTag(1)));
}

}  // namespace
}  // namespace mayfly::sctp
