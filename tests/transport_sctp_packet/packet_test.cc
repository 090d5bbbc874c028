#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "transport/sctp/packet/chunk/cookie_ack_chunk.h"
#include "transport/sctp/packet/chunk/data_chunk.h"
#include "transport/sctp/packet/chunk/heartbeat_chunk.h"
#include "transport/sctp/packet/dissection.h"
#include "transport/sctp/packet/packet_builder.h"
#include "transport/sctp/packet/packet_view.h"
#include "transport/usrsctp/usrsctp_stack.h"

namespace mayfly::sctp {
namespace {

constexpr CommonHeader kHeader{
    .source_port = 5000, .destination_port = 9899, .verification_tag = VerificationTag(0xa1b2c3d4)};

Bytes copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

// COOKIE ACK and one byte of DATA.
Bytes a_packet(PacketBuilder::Checksum checksum = PacketBuilder::Checksum::Crc32c) {
  Bytes memory(100);
  PacketBuilder builder(kHeader, memory);
  const Bytes payload(1, std::byte{0x77});
  EXPECT_TRUE(builder.add(CookieAckChunk{}));
  EXPECT_TRUE(builder.add(DataChunk{.tsn = Tsn(300), .payload = payload}));
  return copy(builder.finish(checksum));
}

TEST(PacketBuilderTest, WritesHeaderChunksAndPadding) {
  EXPECT_EQ(to_hex(a_packet(PacketBuilder::Checksum::Zero)),
            "1388"
            "26ab"
            "a1b2c3d4"
            "00000000"
            "0b000004"
            "00000011"
            "0000012c"
            "00000000"
            "00000000"
            "77000000");
}

TEST(PacketBuilderTest, WritesTheChecksumThatOthersCompute) {
  const Bytes packet = a_packet();

  EXPECT_TRUE(UsrsctpStack::is_intact(packet));
  const auto view = PacketView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->is_intact(ZeroChecksum::Refused));
}

TEST(PacketBuilderTest, TakesWhatFitsAndNoMore) {
  Bytes memory(kCommonHeaderBytes + 26);  // two bytes of it cannot be used
  PacketBuilder builder(kHeader, memory);
  EXPECT_TRUE(builder.is_empty());
  EXPECT_EQ(builder.room(), 24U);
  const Bytes nine(9);
  const Bytes eight(8);

  EXPECT_FALSE(builder.add(DataChunk{.payload = nine}));
  EXPECT_TRUE(builder.is_empty());
  EXPECT_TRUE(builder.add(DataChunk{.payload = eight}));
  EXPECT_EQ(builder.room(), 0U);
  EXPECT_FALSE(builder.add(CookieAckChunk{}));
  EXPECT_EQ(builder.finish().size(), kCommonHeaderBytes + 24);
}

TEST(PacketBuilderTest, CleansTheMemoryItPadsWith) {
  Bytes memory(100, std::byte{0xff});
  PacketBuilder builder(kHeader, memory);
  const Bytes info(1, std::byte{1});

  EXPECT_TRUE(builder.add(HeartbeatChunk{.info = info}));

  EXPECT_EQ(to_hex(builder.finish(PacketBuilder::Checksum::Zero).last(12)),
            "040000090001000501000000");
}

TEST(PacketViewTest, ReadsTheCommonHeader) {
  const Bytes packet = a_packet();

  const auto view = PacketView::parse(packet);

  ASSERT_TRUE(view);
  EXPECT_EQ(view->header(), kHeader);
  ChunkReader chunks = view->chunks();
  EXPECT_EQ(chunks.next()->type, ChunkType::CookieAck);
  EXPECT_EQ(DataChunk::parse(*chunks.next())->tsn, Tsn(300));
  EXPECT_FALSE(chunks.next());
  EXPECT_FALSE(chunks.is_malformed());
}

TEST(PacketViewTest, RefusesWhatHoldsNoChunk) {
  Bytes packet = a_packet();
  EXPECT_TRUE(PacketView::parse(ByteView(packet).first(16)));
  for (size_t length = 0; length < 16; ++length) {
    EXPECT_FALSE(PacketView::parse(ByteView(packet).first(length))) << length;
  }
}

TEST(PacketViewTest, FindsEveryFlippedBit) {
  Bytes packet = a_packet();
  for (size_t bit = 0; bit < packet.size() * 8; ++bit) {
    const auto mask = static_cast<std::byte>(1U << bit % 8);
    packet[bit / 8] ^= mask;
    EXPECT_FALSE(PacketView::parse(packet)->is_intact(ZeroChecksum::Refused)) << bit;
    packet[bit / 8] ^= mask;
  }
}

TEST(PacketViewTest, TakesAZeroChecksumOnlyWhereAgreed) {
  const Bytes zero = a_packet(PacketBuilder::Checksum::Zero);
  EXPECT_FALSE(PacketView::parse(zero)->is_intact(ZeroChecksum::Refused));
  EXPECT_TRUE(PacketView::parse(zero)->is_intact(ZeroChecksum::Accepted));
  const Bytes right = a_packet();
  EXPECT_TRUE(PacketView::parse(right)->is_intact(ZeroChecksum::Accepted));
  Bytes wrong = right;
  wrong.back() ^= std::byte{1};
  EXPECT_FALSE(PacketView::parse(wrong)->is_intact(ZeroChecksum::Accepted));
}

TEST(DissectionTest, TellsWhatAPacketSays) {
  Bytes packet = a_packet();
  EXPECT_EQ(dissect_packet(packet),
            "5000 > 9899 tag=a1b2c3d4 bytes=36\n"
            "  COOKIE ACK\n"
            "  DATA ---- tsn=300 stream=0 sequence=0 ppid=0 bytes=1\n");
  packet.resize(30);
  EXPECT_EQ(dissect_packet(packet),
            "5000 > 9899 tag=a1b2c3d4 bytes=30 wrong checksum\n"
            "  COOKIE ACK\n"
            "  cut off\n");
  EXPECT_EQ(dissect_packet({}), "0 bytes that are no SCTP packet\n");
}

}  // namespace
}  // namespace mayfly::sctp
