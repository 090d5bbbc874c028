#include "transport/sctp/tx/loss_detector.h"

#include <gtest/gtest.h>

namespace mayfly::sctp {
namespace {

constexpr Timestamp kStart{1s};

UnwrappedTsn tsn(uint32_t number) { return UnwrappedTsn::first(Tsn(number)); }

class LossDetectorTest : public ::testing::Test {
 protected:
  LossDetectorTest() {
    for (int i = 0; i < 20; ++i) rtt_.sample(20ms, kStart);
  }

  RttEstimator rtt_{RttOptions{}};
  LossDetector detector_;
};

TEST_F(LossDetectorTest, KnowsALossAtOnceWhenThreeWentPast) {  // RFC 8985 6.2 step 4
  const Transmission lost{tsn(1), 1, kStart};
  detector_.on_acked({tsn(4), 4, kStart}, true, rtt_, kStart + 20ms);

  EXPECT_EQ(detector_.lost_at(lost, rtt_, 3, false), kStart + 20ms);
  EXPECT_EQ(detector_.lost_at(lost, rtt_, 1, false), kStart + 25ms);
}

TEST_F(LossDetectorTest, KnowsNoLossBeforeSomethingLaterArrived) {
  detector_.on_acked({tsn(1), 1, kStart}, true, rtt_, kStart + 20ms);

  EXPECT_FALSE(detector_.lost_at({tsn(2), 2, kStart}, rtt_, 3, false));
}

TEST_F(LossDetectorTest, WaitsForTheRestOfABurstThatWasSentAgain) {
  // Both were sent again, and what is acknowledged of the later one may be its first sending.
  detector_.on_acked({tsn(2), 4, kStart + 21ms}, false, rtt_, kStart + 41ms);

  const auto lost = detector_.lost_at({tsn(1), 3, kStart + 21ms}, rtt_, 3, true);

  ASSERT_TRUE(lost);
  EXPECT_GT(*lost, kStart + 41ms);
  EXPECT_LT(*lost, kStart + 43ms);
}

TEST_F(LossDetectorTest, ForgetsReorderingThatDoesNotComeBack) {
  detector_.on_spurious(rtt_, kStart);
  EXPECT_EQ(detector_.reordering_seen(rtt_), 10ms);

  detector_.on_acks_end(kStart + 29s);
  EXPECT_EQ(detector_.reordering_seen(rtt_), 10ms);
  detector_.on_acks_end(kStart + 31s);
  EXPECT_EQ(detector_.reordering_seen(rtt_), 0ms);
}

}  // namespace
}  // namespace mayfly::sctp
