#include "transport/sctp/tx/ack_spacing.h"

#include <gtest/gtest.h>

namespace mayfly::sctp {
namespace {

constexpr Timestamp kStart{10s};

TEST(AckSpacingTest, IsHowFarALinkSpreadsWhatWasSentTogether) {
  AckSpacing spacing;
  for (int i = 0; i < 5; ++i) spacing.on_acked(kStart, true, kStart + 40ms + i * 3ms);

  EXPECT_EQ(spacing.widest(), 3ms);
  EXPECT_EQ(spacing.expected_until(), kStart + 52ms + 6ms);
}

TEST(AckSpacingTest, WhatTheSenderSpreadItselfIsNone) {
  AckSpacing spacing;
  for (int i = 0; i < 5; ++i) {
    spacing.on_acked(kStart + i * 3ms, true, kStart + 40ms + i * 3ms);
  }

  EXPECT_EQ(spacing.widest(), 0ms);
}

TEST(AckSpacingTest, WhatWasSentTwiceTellsNothing) {
  AckSpacing spacing;
  spacing.on_acked(kStart, true, kStart + 40ms);
  spacing.on_acked(kStart, false, kStart + 55ms);
  spacing.on_acked(kStart, true, kStart + 56ms);

  EXPECT_EQ(spacing.widest(), 0ms);
}

TEST(AckSpacingTest, IsForgottenAfterTwoWhiles) {
  AckSpacing spacing;
  spacing.on_acked(kStart, true, kStart + 40ms);
  spacing.on_acked(kStart, true, kStart + 45ms);

  spacing.on_acked(kStart + 11s, true, kStart + 11s + 40ms);
  EXPECT_EQ(spacing.widest(), 5ms);
  spacing.on_acked(kStart + 22s, true, kStart + 22s + 40ms);
  EXPECT_EQ(spacing.widest(), 0ms);
}

}  // namespace
}  // namespace mayfly::sctp
