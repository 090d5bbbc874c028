#include "lab/real/rtp_stream.h"

#include <gtest/gtest.h>

#include "tests/lab/traces.h"

namespace mayfly {
namespace {

class RtpStreamTest : public ::testing::Test {
 protected:
  const ClipTrace clip_ = trace_of(street_shape(6));
  RtpStream stream_{clip_, Spacing::AtOnce};
};

TEST_F(RtpStreamTest, AFrameIsWholeWithItsLastPacketInAnyOrder) {
  // The I frame is 44 packets; the P frame behind it is 6.
  for (size_t i = 43; i > 0; --i) EXPECT_FALSE(stream_.take(stream_.packet(i)));
  EXPECT_EQ(stream_.take(stream_.packet(0)), 0U);
  for (size_t i = 44; i < 49; ++i) EXPECT_FALSE(stream_.take(stream_.packet(i)));
  EXPECT_EQ(stream_.take(stream_.packet(49)), 1U);
}

TEST_F(RtpStreamTest, ASecondCopyStandsForNoOtherPacket) {
  for (size_t i = 0; i < 43; ++i) EXPECT_FALSE(stream_.take(stream_.packet(i)));
  EXPECT_FALSE(stream_.take(stream_.packet(7)));
  EXPECT_EQ(stream_.take(stream_.packet(43)), 0U);
  EXPECT_FALSE(stream_.take(stream_.packet(43)));
}

TEST_F(RtpStreamTest, WhatIsNoPacketOfTheStreamCountsForNothing) {
  const size_t last = 43;
  for (size_t i = 0; i < last; ++i) EXPECT_FALSE(stream_.take(stream_.packet(i)));
  Bytes changed = stream_.packet(last);
  changed.back() ^= std::byte{1};
  EXPECT_FALSE(stream_.take(changed));
  Bytes of_another = stream_.packet(last);
  of_another[8] ^= std::byte{1};
  EXPECT_FALSE(stream_.take(of_another));
  const Bytes whole = stream_.packet(last);
  for (size_t bytes = 0; bytes < whole.size(); ++bytes) {
    EXPECT_FALSE(stream_.take(ByteView(whole).first(bytes)));
  }
  Bytes beyond = whole;
  beyond[2] = std::byte{0x7f};  // a sequence number that the clip does not reach
  EXPECT_FALSE(stream_.take(beyond));
  EXPECT_EQ(stream_.take(whole), 0U);
}

TEST(LongRtpStreamTest, GoesOnWhereSequenceNumbersBeginAnew) {
  SyntheticShape shape = street_shape(70'000);
  shape.pattern = "I";
  shape.i_bytes = 60;
  const ClipTrace clip = trace_of(shape);
  RtpStream stream(clip, Spacing::OverPicture);
  ASSERT_EQ(stream.schedule().size(), 70'000U);

  for (size_t i = 0; i < stream.schedule().size(); ++i) {
    if (i % 3000 == 5) continue;  // lost
    ASSERT_EQ(stream.take(stream.packet(i)), i);
  }
}

}  // namespace
}  // namespace mayfly
