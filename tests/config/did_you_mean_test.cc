#include "config/did_you_mean.h"

#include <gtest/gtest.h>

namespace mayfly {
namespace {

const std::vector<std::string> kKnown = {"listen", "delivery.b.lifetime", "delivery.p.lifetime",
                                         "transport.rto_min", "transport.rto_max"};

TEST(DidYouMeanTest, FindsTheNearestName) {
  EXPECT_EQ(nearest("listne", kKnown), "listen");
  EXPECT_EQ(nearest("delivery.p.liftime", kKnown), "delivery.p.lifetime");
  EXPECT_EQ(nearest("transport.rto_mi", kKnown), "transport.rto_min");
}

TEST(DidYouMeanTest, FindsTheSameKeyInAnotherSection) {
  EXPECT_EQ(nearest("playback.rto_max", kKnown), "transport.rto_max");
}

TEST(DidYouMeanTest, SuggestsNothingThatIsFarAway) {
  EXPECT_EQ(nearest("colour", kKnown), std::nullopt);
  EXPECT_EQ(nearest("", kKnown), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'x'), kKnown), std::nullopt);
  EXPECT_EQ(did_you_mean("colour", kKnown), "");
}

}  // namespace
}  // namespace mayfly
