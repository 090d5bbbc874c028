#include "transport/usrsctp/sctp_packet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "transport/usrsctp/usrsctp_stack.h"

namespace mayfly {
namespace {

using ::testing::ElementsAre;

// An SCTP packet around chunks given as bytes.
Bytes packet_with(std::initializer_list<int> chunk_bytes) {
  Bytes packet;
  ByteWriter writer(packet);
  writer.u16(5000);
  writer.u16(9899);
  writer.u32(0xa1b2c3d4);
  writer.u32(0);
  for (const int each : chunk_bytes) writer.u8(static_cast<uint8_t>(each));
  return packet;
}

TEST(SctpPacketTest, ReadsTheCommonHeaderAndTheFirstChunk) {
  const Bytes bytes = packet_with({10, 3, 0, 6, 0xaa, 0xbb, 0, 0});

  const auto packet = SctpPacket::parse(bytes);

  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source_port(), 5000);
  EXPECT_EQ(packet->destination_port(), 9899);
  EXPECT_EQ(packet->verification_tag(), 0xa1b2c3d4U);
  EXPECT_EQ(packet->first_chunk().type, sctp_chunk::kCookieEcho);
  EXPECT_EQ(packet->first_chunk().flags, 3);
  EXPECT_THAT(packet->first_chunk().body, ElementsAre(std::byte{0xaa}, std::byte{0xbb}));
}

TEST(SctpPacketTest, RefusesWhatIsCutShort) {
  EXPECT_FALSE(SctpPacket::parse({}));
  EXPECT_FALSE(SctpPacket::parse(packet_with({})));
  EXPECT_FALSE(SctpPacket::parse(packet_with({1, 0, 0})));
  EXPECT_FALSE(SctpPacket::parse(packet_with({1, 0, 0, 3})));  // shorter than its own header
  EXPECT_FALSE(SctpPacket::parse(packet_with({1, 0, 0, 9, 1, 2, 3, 4})));
}

TEST(SctpPacketTest, WalksChunksAcrossTheirPadding) {
  const Bytes bytes = packet_with({3, 0, 0, 5,  9, 0, 0, 0,     // one byte of body, padded
                                   0, 3, 0, 8,  0, 0, 1, 44,    // DATA, TSN 300
                                   0, 3, 0, 99, 0, 0, 1, 45});  // cut off
  const auto packet = SctpPacket::parse(bytes);
  ASSERT_TRUE(packet);
  ByteView rest = packet->chunks();

  EXPECT_EQ(SctpPacket::next_chunk(rest)->type, sctp_chunk::kSack);
  const auto data = SctpPacket::next_chunk(rest);
  ASSERT_TRUE(data);
  EXPECT_EQ(SctpPacket::tsn(*data), 300U);
  EXPECT_FALSE(SctpPacket::next_chunk(rest));
}

TEST(SctpPacketTest, ReadsWhyThePeerAborted) {
  const auto reason = [](std::initializer_list<int> chunk) {
    return SctpPacket::abort_reason(SctpPacket::parse(packet_with(chunk))->first_chunk());
  };

  EXPECT_EQ(reason({6, 0, 0, 11, 0, 12, 0, 7, 'b', 'y', 'e', 0}), "bye");
  EXPECT_EQ(reason({6, 0, 0, 11, 0, 12, 0, 7, 'b', 27, 'e', 0}), "b?e");
  EXPECT_EQ(reason({6, 0, 0, 8, 0, 13, 0, 4}), "protocol violation");
  EXPECT_EQ(reason({6, 0, 0, 8, 0, 200, 0, 4}), "cause 200");
  EXPECT_EQ(reason({6, 0, 0, 4}), "no reason given");
  EXPECT_EQ(reason({6, 0, 0, 9, 0, 12, 255, 255, 'x'}), "x");
}

TEST(SctpPacketTest, AnswersALateShutdownAckAsRfc9260Says) {
  const Bytes ack = packet_with({8, 0, 0, 4});

  Bytes answer = shutdown_complete_for(*SctpPacket::parse(ack));
  set_checksum(answer, UsrsctpStack::checksum_of(answer));

  const auto packet = SctpPacket::parse(answer);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source_port(), 9899);
  EXPECT_EQ(packet->destination_port(), 5000);
  EXPECT_EQ(packet->verification_tag(), 0xa1b2c3d4U);
  EXPECT_EQ(packet->first_chunk().type, sctp_chunk::kShutdownComplete);
  EXPECT_EQ(packet->first_chunk().flags, kReflectedTagFlag);
  EXPECT_TRUE(UsrsctpStack::is_intact(answer));
  answer.back() ^= std::byte{1};
  EXPECT_FALSE(UsrsctpStack::is_intact(answer));
}

TEST(SctpPacketTest, ComparesTsnsAcrossTheWrap) {
  EXPECT_TRUE(is_later_tsn(5, 4));
  EXPECT_FALSE(is_later_tsn(4, 4));
  EXPECT_TRUE(is_later_tsn(3, 0xffff'fff0));
  EXPECT_FALSE(is_later_tsn(0xffff'fff0, 3));
}

RC_GTEST_PROP(SctpPacketProperty, ReadsAnyBytesWithinTheirBounds,
              (const std::vector<uint8_t>& input)) {
  Bytes bytes(input.size());
  std::transform(input.begin(), input.end(), bytes.begin(),
                 [](uint8_t each) { return std::byte{each}; });
  const auto packet = SctpPacket::parse(bytes);
  if (!packet) return;
  ByteView rest = packet->chunks();
  size_t walked = 0;
  while (const auto chunk = SctpPacket::next_chunk(rest)) {
    walked += 4 + chunk->body.size();
    (void)SctpPacket::tsn(*chunk);
    (void)SctpPacket::cumulative_ack(*chunk);
    (void)SctpPacket::initiate_tag(*chunk);
    (void)SctpPacket::abort_reason(*chunk);
  }
  RC_ASSERT(walked + 12 <= bytes.size());
}

}  // namespace
}  // namespace mayfly
