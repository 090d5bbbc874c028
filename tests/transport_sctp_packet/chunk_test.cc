// Chunks against bytes that were written down by hand from the diagrams of the RFCs.
#include "transport/sctp/packet/chunk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/transport_sctp_packet/chunk_bytes.h"
#include "transport/sctp/packet/chunk/cookie_ack_chunk.h"
#include "transport/sctp/packet/chunk/cookie_echo_chunk.h"
#include "transport/sctp/packet/chunk/cwr_chunk.h"
#include "transport/sctp/packet/chunk/data_chunk.h"
#include "transport/sctp/packet/chunk/ecne_chunk.h"
#include "transport/sctp/packet/chunk/forward_tsn_chunk.h"
#include "transport/sctp/packet/chunk/heartbeat_ack_chunk.h"
#include "transport/sctp/packet/chunk/heartbeat_chunk.h"
#include "transport/sctp/packet/chunk/i_data_chunk.h"
#include "transport/sctp/packet/chunk/i_forward_tsn_chunk.h"
#include "transport/sctp/packet/chunk/init_ack_chunk.h"
#include "transport/sctp/packet/chunk/init_chunk.h"
#include "transport/sctp/packet/chunk/pad_chunk.h"
#include "transport/sctp/packet/chunk/sack_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_ack_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_complete_chunk.h"

namespace mayfly::sctp {
namespace {

// The chunk is written as these bytes, and read from them.
template <class Chunk>
void expect_bytes(const Chunk& chunk, const char* hex) {
  const Bytes bytes = from_hex(hex);
  EXPECT_EQ(to_hex(bytes_of(chunk)), to_hex(bytes));
  const auto parsed = parse_as<Chunk>(bytes);
  ASSERT_TRUE(parsed) << hex;
  EXPECT_EQ(*parsed, chunk) << to_string(*parsed);
}

template <class Chunk>
bool parses(const char* hex) {
  return parse_as<Chunk>(from_hex(hex)).has_value();
}

TEST(DataChunkTest, IsAsRfc9260Draws) {
  const Bytes payload = from_hex("c0ffee");
  expect_bytes(DataChunk{.beginning = true,
                         .end = true,
                         .tsn = Tsn(0x01020304),
                         .stream = StreamId(0x0506),
                         .sequence = StreamSequence(0x0708),
                         .ppid = Ppid(0x090a0b0c),
                         .payload = payload},
               "00 03 0013 01020304 0506 0708 090a0b0c c0ffee");
  expect_bytes(DataChunk{.immediate = true, .unordered = true, .payload = payload},
               "00 0c 0013 00000000 0000 0000 00000000 c0ffee");
  expect_bytes(DataChunk{}, "00 00 0010 00000000 0000 0000 00000000");
  EXPECT_FALSE(parses<DataChunk>("00 03 000f 00000000 0000 0000 000000"));
  EXPECT_FALSE(parses<DataChunk>("40 03 0010 00000000 0000 0000 00000000"));
}

TEST(IDataChunkTest, IsAsRfc8260Draws) {
  const Bytes payload = from_hex("c0ffee");
  expect_bytes(IDataChunk{.immediate = true,
                          .beginning = true,
                          .tsn = Tsn(0x01020304),
                          .stream = StreamId(0x0506),
                          .message = MessageIdentifier(0x0708090a),
                          .ppid = Ppid(0x0b0c0d0e),
                          .payload = payload},
               "40 0a 0017 01020304 0506 0000 0708090a 0b0c0d0e c0ffee");
  expect_bytes(IDataChunk{.unordered = true,
                          .end = true,
                          .tsn = Tsn(0x01020304),
                          .stream = StreamId(0x0506),
                          .message = MessageIdentifier(0x0708090a),
                          .fragment = FragmentSequence(0x0b0c0d0e),
                          .payload = payload},
               "40 05 0017 01020304 0506 0000 0708090a 0b0c0d0e c0ffee");
  EXPECT_FALSE(parses<IDataChunk>("40 03 0013 01020304 0506 0000 0708090a 0b0c0d"));
}

TEST(InitChunkTest, IsAsRfc9260Draws) {
  const Bytes parameters = from_hex("c000 0004");
  expect_bytes(InitChunk{.initiate_tag = VerificationTag(0x01020304),
                         .a_rwnd = 0x05060708,
                         .outbound_streams = 0x090a,
                         .inbound_streams = 0x0b0c,
                         .initial_tsn = Tsn(0x0d0e0f10),
                         .parameters = parameters},
               "01 00 0018 01020304 05060708 090a 0b0c 0d0e0f10 c0000004");
  expect_bytes(InitAckChunk{.initiate_tag = VerificationTag(0x01020304),
                            .a_rwnd = 0x05060708,
                            .outbound_streams = 0x090a,
                            .inbound_streams = 0x0b0c,
                            .initial_tsn = Tsn(0x0d0e0f10),
                            .parameters = parameters},
               "02 00 0018 01020304 05060708 090a 0b0c 0d0e0f10 c0000004");
  EXPECT_FALSE(parses<InitChunk>("01 00 0013 01020304 05060708 090a 0b0c 0d0e0f"));
  EXPECT_FALSE(parses<InitAckChunk>("01 00 0014 01020304 05060708 090a 0b0c 0d0e0f10"));
}

TEST(SackChunkTest, IsAsRfc9260Draws) {
  const std::vector<GapAckBlock> gaps = {{2, 3}, {5, 5}};
  const std::vector<Tsn> duplicates = {Tsn(0x0d0e0f10)};
  expect_bytes(SackChunk{.cumulative_tsn = Tsn(0x01020304),
                         .a_rwnd = 0x05060708,
                         .gap_blocks = gaps,
                         .duplicates = duplicates},
               "03 00 001c 01020304 05060708 0002 0001 0002 0003 0005 0005 0d0e0f10");
  expect_bytes(SackChunk{.cumulative_tsn = Tsn(7), .a_rwnd = 0},
               "03 00 0010 00000007 00000000 0000 0000");
}

TEST(SackChunkTest, RefusesCountsThatDoNotFillIt) {
  EXPECT_FALSE(parses<SackChunk>("03 00 0014 00000007 00000000 0002 0000 00020003"));
  EXPECT_FALSE(parses<SackChunk>("03 00 0014 00000007 00000000 0000 0000 00020003"));
  EXPECT_FALSE(parses<SackChunk>("03 00 0014 00000007 00000000 ffff ffff 00020003"));
  EXPECT_FALSE(parses<SackChunk>("03 00 000f 00000007 00000000 0000 00"));
}

TEST(SackChunkTest, RefusesBlocksThatHoldNothing) {
  EXPECT_FALSE(parses<SackChunk>("03 00 0014 00000007 00000000 0001 0000 00040003"));
  EXPECT_FALSE(parses<SackChunk>("03 00 0014 00000007 00000000 0001 0000 00000003"));
  EXPECT_TRUE(parses<SackChunk>("03 00 0014 00000007 00000000 0001 0000 00010001"));
}

TEST(SackChunkTest, KnowsHowManyRecordsFit) {
  EXPECT_EQ(sack_records_in(0), 0U);
  EXPECT_EQ(sack_records_in(19), 0U);
  EXPECT_EQ(sack_records_in(20), 1U);
  EXPECT_EQ(sack_records_in(1200), 296U);
}

TEST(HeartbeatChunkTest, IsAsRfc9260Draws) {
  const Bytes info = from_hex("aabbccddee");
  expect_bytes(HeartbeatChunk{.info = info}, "04 00 000d 0001 0009 aabbccddee");
  expect_bytes(HeartbeatAckChunk{.info = info}, "05 00 000d 0001 0009 aabbccddee");
  EXPECT_FALSE(parses<HeartbeatChunk>("04 00 0004"));
  EXPECT_FALSE(parses<HeartbeatChunk>("04 00 0008 0002 0004"));
  EXPECT_FALSE(parses<HeartbeatAckChunk>("05 00 0008 0001 0005"));
}

TEST(ShutdownChunksTest, AreAsRfc9260Draws) {
  expect_bytes(ShutdownChunk{.cumulative_tsn = Tsn(0x01020304)}, "07 00 0008 01020304");
  expect_bytes(ShutdownAckChunk{}, "08 00 0004");
  expect_bytes(ShutdownCompleteChunk{}, "0e 00 0004");
  expect_bytes(ShutdownCompleteChunk{.tag_is_reflected = true}, "0e 01 0004");
  EXPECT_FALSE(parses<ShutdownChunk>("07 00 0007 010203"));
}

TEST(CookieChunksTest, AreAsRfc9260Draws) {
  const Bytes cookie = from_hex("c00c1e");
  expect_bytes(CookieEchoChunk{.cookie = cookie}, "0a 00 0007 c00c1e");
  expect_bytes(CookieAckChunk{}, "0b 00 0004");
}

TEST(ForwardTsnChunkTest, IsAsRfc3758Draws) {
  const std::vector<SkippedSequence> skipped = {{StreamId(0x0506), StreamSequence(0x0708)},
                                                {StreamId(0x090a), StreamSequence(0x0b0c)}};
  expect_bytes(ForwardTsnChunk{.new_cumulative_tsn = Tsn(0x01020304), .skipped = skipped},
               "c0 00 0010 01020304 0506 0708 090a 0b0c");
  expect_bytes(ForwardTsnChunk{.new_cumulative_tsn = Tsn(9)}, "c0 00 0008 00000009");
  EXPECT_FALSE(parses<ForwardTsnChunk>("c0 00 000b 01020304 050607"));
  EXPECT_FALSE(parses<ForwardTsnChunk>("c0 00 0007 010203"));
}

TEST(IForwardTsnChunkTest, IsAsRfc8260Draws) {
  const std::vector<SkippedMessage> skipped = {
      {StreamId(0x0506), true, MessageIdentifier(0x0708090a)},
      {StreamId(0x0b0c), false, MessageIdentifier(0x0d0e0f10)}};
  expect_bytes(IForwardTsnChunk{.new_cumulative_tsn = Tsn(0x01020304), .skipped = skipped},
               "c2 00 0018 01020304 0506 0001 0708090a 0b0c 0000 0d0e0f10");
  EXPECT_FALSE(parses<IForwardTsnChunk>("c2 00 000c 01020304 05060001"));
}

TEST(PadChunkTest, IsAsRfc4820Draws) {
  expect_bytes(PadChunk{.padding_bytes = 5}, "84 00 0009 0000000000");
}

TEST(CongestionChunksTest, AreRecognised) {
  expect_bytes(EcneChunk{.lowest_tsn = Tsn(0x01020304)}, "0c 00 0008 01020304");
  expect_bytes(CwrChunk{.lowest_tsn = Tsn(0x01020304)}, "0d 00 0008 01020304");
}

TEST(UnknownChunkTest, IsTreatedAsItsHighBitsSay) {
  EXPECT_EQ(rule_for_unknown(ChunkType{0x3f}), (UnknownRule{.goes_on = false, .reports = false}));
  EXPECT_EQ(rule_for_unknown(ChunkType{0x7f}), (UnknownRule{.goes_on = false, .reports = true}));
  EXPECT_EQ(rule_for_unknown(ChunkType{0xbf}), (UnknownRule{.goes_on = true, .reports = false}));
  EXPECT_EQ(rule_for_unknown(ChunkType{0xff}), (UnknownRule{.goes_on = true, .reports = true}));
}

TEST(ChunkTypeTest, HasTheNamesOfTheRfcs) {
  EXPECT_EQ(to_string(ChunkType::InitAck), "INIT ACK");
  EXPECT_EQ(to_string(ChunkType{99}), "chunk 99");
}

TEST(ChunkReaderTest, WalksAcrossPadding) {
  const Bytes bytes = from_hex("0a010005 aa000000 63000004 84000006 bbbb");
  ChunkReader reader(bytes);

  const auto first = reader.next();
  const auto second = reader.next();
  const auto third = reader.next();

  ASSERT_TRUE(first && second && third);
  EXPECT_EQ(first->type, ChunkType::CookieEcho);
  EXPECT_EQ(first->flags, 1);
  EXPECT_EQ(to_hex(first->value), "aa");
  EXPECT_EQ(to_hex(first->whole), "0a010005aa");
  EXPECT_EQ(static_cast<int>(second->type), 0x63);
  EXPECT_EQ(to_hex(third->value), "bbbb");  // the last one's padding may be missing
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.is_malformed());
}

TEST(ChunkReaderTest, EndsAtWhatIsCutOff) {
  for (const char* hex : {"000300", "00030003", "00030000", "0003000c 00000000"}) {
    const Bytes bytes = from_hex(std::string("0b000004") + hex);
    ChunkReader reader(bytes);
    EXPECT_TRUE(reader.next()) << hex;
    EXPECT_FALSE(reader.is_malformed()) << hex;
    EXPECT_FALSE(reader.next()) << hex;
    EXPECT_TRUE(reader.is_malformed()) << hex;
    EXPECT_FALSE(reader.next()) << hex;
  }
}

}  // namespace
}  // namespace mayfly::sctp
