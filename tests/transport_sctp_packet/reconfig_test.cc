#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/transport_sctp_packet/chunk_bytes.h"
#include "transport/sctp/packet/chunk/reconfig_chunk.h"
#include "transport/sctp/packet/parameter/reconfig_parameters.h"

namespace mayfly::sctp {
namespace {

const std::vector<StreamId> kStreams = {StreamId(0x0d0e), StreamId(0x0f10)};

const OutgoingResetRequest kOutgoing{.sequence = ReconfigSequence(0x01020304),
                                     .response_to = ReconfigSequence(0x05060708),
                                     .last_tsn = Tsn(0x090a0b0c),
                                     .streams = kStreams};
const IncomingResetRequest kIncoming{.sequence = ReconfigSequence(0x01020304), .streams = kStreams};
const ReconfigResponse kResponse{.response_to = ReconfigSequence(0x01020304),
                                 .result = ReconfigResult::InProgress,
                                 .next_tsns = {}};

void expect_bytes(const ReconfigParameter& parameter, const char* hex) {
  const Bytes bytes = from_hex(hex);
  EXPECT_EQ(to_hex(serialize({parameter})), to_hex(bytes));
  const auto parsed = parse_reconfig_parameters(bytes);
  ASSERT_TRUE(parsed) << hex;
  EXPECT_THAT(*parsed, testing::ElementsAre(parameter)) << to_string(parsed->front());
}

bool parses(const char* hex) { return parse_reconfig_parameters(from_hex(hex)).has_value(); }
bool may_stand_together(const ReconfigParameter& a, const ReconfigParameter& b) {
  return parse_reconfig_parameters(serialize({a, b})).has_value();
}

TEST(ReconfigParametersTest, AreAsRfc6525Draws) {
  expect_bytes(kOutgoing, "000d 0014 01020304 05060708 090a0b0c 0d0e 0f10");
  expect_bytes(kIncoming, "000e 000c 01020304 0d0e 0f10");
  expect_bytes(IncomingResetRequest{.sequence = ReconfigSequence(1), .streams = {}},
               "000e 0008 00000001");
  expect_bytes(SsnTsnResetRequest{.sequence = ReconfigSequence(0x01020304)}, "000f 0008 01020304");
  expect_bytes(kResponse, "0010 000c 01020304 00000006");
  expect_bytes(ReconfigResponse{.response_to = ReconfigSequence(0x01020304),
                                .result = ReconfigResult::Performed,
                                .next_tsns = {{Tsn(0x05060708), Tsn(0x090a0b0c)}}},
               "0010 0014 01020304 00000001 05060708 090a0b0c");
  expect_bytes(AddOutgoingStreams{.sequence = ReconfigSequence(0x01020304), .count = 0x0506},
               "0011 000c 01020304 0506 0000");
  expect_bytes(AddIncomingStreams{.sequence = ReconfigSequence(0x01020304), .count = 0x0506},
               "0012 000c 01020304 0506 0000");
}

TEST(ReconfigParametersTest, RefuseWrongLengthsAndTypes) {
  EXPECT_FALSE(parses(""));
  EXPECT_FALSE(parses("000d 000c 01020304 05060708"));
  EXPECT_FALSE(parses("000d 0011 01020304 05060708 090a0b0c 0d"));
  EXPECT_FALSE(parses("000e 0004"));
  EXPECT_FALSE(parses("000f 000c 01020304 05060708"));
  EXPECT_FALSE(parses("0010 0010 01020304 00000001 05060708"));
  EXPECT_FALSE(parses("0011 0008 01020304"));
  EXPECT_FALSE(parses("0012 0010 01020304 05060000 00000000"));
  EXPECT_FALSE(parses("0013 0008 01020304"));
  EXPECT_FALSE(parses("000f 0008 0102"));
}

TEST(ReconfigParametersTest, StandTogetherAsRfc6525Allows) {
  const AddOutgoingStreams more_outgoing{.sequence = ReconfigSequence(1), .count = 2};
  const AddIncomingStreams more_incoming{.sequence = ReconfigSequence(2), .count = 3};
  const SsnTsnResetRequest everything{.sequence = ReconfigSequence(3)};

  EXPECT_TRUE(may_stand_together(kOutgoing, kIncoming));
  EXPECT_TRUE(may_stand_together(kIncoming, kOutgoing));
  EXPECT_TRUE(may_stand_together(more_outgoing, more_incoming));
  EXPECT_TRUE(may_stand_together(kResponse, kOutgoing));
  EXPECT_TRUE(may_stand_together(kResponse, kResponse));
  EXPECT_FALSE(may_stand_together(kOutgoing, kOutgoing));
  EXPECT_FALSE(may_stand_together(everything, kOutgoing));
  EXPECT_FALSE(may_stand_together(kResponse, kIncoming));
  EXPECT_FALSE(may_stand_together(more_outgoing, kOutgoing));
  EXPECT_FALSE(parse_reconfig_parameters(serialize({kResponse, kResponse, kResponse})));
}

TEST(ReconfigChunkTest, HoldsItsParameters) {
  const Bytes parameters = serialize({kResponse});

  const Bytes bytes = bytes_of(ReconfigChunk{.parameters = parameters});

  EXPECT_EQ(to_hex(bytes), "820000100010000c0102030400000006");
  EXPECT_EQ(to_string(*parse_as<ReconfigChunk>(bytes)), "RE-CONFIG response_to=16909060 result=6");
  EXPECT_EQ(to_string(ReconfigChunk{}), "RE-CONFIG malformed");
}

RC_GTEST_PROP(ReconfigProperty, ResetsSurvive, (const std::vector<uint16_t>& drawn)) {
  std::vector<StreamId> streams(drawn.size());
  std::ranges::transform(drawn, streams.begin(), [](uint16_t each) { return StreamId(each); });
  const std::vector<ReconfigParameter> parameters = {
      OutgoingResetRequest{.sequence = ReconfigSequence(*rc::gen::arbitrary<uint32_t>()),
                           .response_to = ReconfigSequence(*rc::gen::arbitrary<uint32_t>()),
                           .last_tsn = Tsn(*rc::gen::arbitrary<uint32_t>()),
                           .streams = streams},
      IncomingResetRequest{.sequence = ReconfigSequence(*rc::gen::arbitrary<uint32_t>()),
                           .streams = streams}};

  const Bytes bytes = serialize(parameters);

  RC_ASSERT(parse_reconfig_parameters(bytes) == parameters);
}

}  // namespace
}  // namespace mayfly::sctp
