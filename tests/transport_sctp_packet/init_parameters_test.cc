#include "transport/sctp/packet/parameter/init_parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"

namespace mayfly::sctp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::optional<InitParameters> parse(const Bytes& bytes) { return InitParameters::parse(bytes); }
bool parses(const char* hex) { return parse(from_hex(hex)).has_value(); }

const IpEndpoint kV4 = IpEndpoint::v4({192, 0, 2, 1}, 0);

IpEndpoint v6() { return *IpEndpoint::parse("[2001:db8::1]:0", 0); }

TEST(InitParameterWriterTest, WritesWhatTheRfcsDraw) {
  Bytes bytes;
  InitParameterWriter writer(bytes);
  const std::vector<ChunkType> extensions = {ChunkType::Reconfig, ChunkType::IData,
                                             ChunkType::ForwardTsn};

  writer.address(kV4);
  writer.address(v6());
  writer.state_cookie(from_hex("c00c1e"));
  writer.unrecognized(from_hex("9999 0005 aa"));
  writer.supported_extensions(extensions);
  writer.zero_checksum_acceptable(kSctpOverDtls);
  writer.adaptation_indication(0x01020304);
  writer.forward_tsn_supported();

  EXPECT_EQ(to_hex(bytes), to_hex(from_hex("0005 0008 c0000201"
                                           "0006 0014 20010db8 00000000 00000000 00000001"
                                           "0007 0007 c00c1e 00"
                                           "0008 0009 99990005 aa 000000"
                                           "8008 0007 8240c0 00"
                                           "8001 0008 00000001"
                                           "c006 0008 01020304"
                                           "c000 0004")));
}

TEST(InitParametersTest, ReadWhatTheWriterWrote) {
  Bytes bytes;
  InitParameterWriter writer(bytes);
  const std::vector<ChunkType> extensions = {ChunkType::Reconfig, ChunkType::IData};
  writer.address(kV4);
  writer.address(v6());
  writer.state_cookie(from_hex("c00c1e"));
  writer.unrecognized(from_hex("9999 0005 aa"));
  writer.supported_extensions(extensions);
  writer.zero_checksum_acceptable(kSctpOverDtls);
  writer.adaptation_indication(7);
  writer.forward_tsn_supported();

  const auto parsed = parse(bytes);

  ASSERT_TRUE(parsed);
  EXPECT_THAT(parsed->addresses, ElementsAre(kV4, v6()));
  EXPECT_EQ(to_hex(parsed->state_cookie.value()), "c00c1e");
  EXPECT_TRUE(parsed->supports(ChunkType::Reconfig));
  EXPECT_FALSE(parsed->supports(ChunkType::ForwardTsn));
  EXPECT_TRUE(parsed->supports_forward_tsn);
  EXPECT_EQ(parsed->zero_checksum_method, kSctpOverDtls);
  EXPECT_EQ(parsed->adaptation_indication, 7U);
  EXPECT_THAT(parsed->to_report, IsEmpty());
}

TEST(InitParametersTest, SayNothingWhenThereAreNone) {
  const auto parsed = parse({});

  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->state_cookie);
  EXPECT_FALSE(parsed->supports_forward_tsn || parsed->has_host_name || parsed->is_ecn_capable);
}

TEST(InitParametersTest, TakeForwardTsnFromTheListOfExtensionsToo) {
  const Bytes bytes = from_hex("8008 0006 c0c2 0000");
  EXPECT_TRUE(parse(bytes)->supports_forward_tsn);
}

TEST(InitParametersTest, RefuseWrongLengths) {
  EXPECT_FALSE(parses("0005 0007 c00002"));
  EXPECT_FALSE(parses("0005 0009 c0000201 01"));
  EXPECT_FALSE(parses("0006 0008 20010db8"));
  EXPECT_FALSE(parses("8001 0005 00"));
  EXPECT_FALSE(parses("c006 000c 00000000 00000000"));
  EXPECT_FALSE(parses("c000 0003"));
  EXPECT_FALSE(parses("c000 0005"));
  EXPECT_FALSE(parses("c000"));
  EXPECT_TRUE(parses("c000 0005 00"));  // longer than it need be, and no harm
}

TEST(InitParametersTest, FollowTheHighBitsOfWhatTheyDoNotKnow) {
  const auto read = [](const char* unknown) {
    static Bytes bytes;
    bytes = from_hex(std::string(unknown) + "c000 0004");
    return *parse(bytes);
  };

  EXPECT_FALSE(read("3ff0 0005 aa000000").supports_forward_tsn);
  EXPECT_THAT(read("3ff0 0005 aa000000").to_report, IsEmpty());
  EXPECT_FALSE(read("7ff0 0005 aa000000").supports_forward_tsn);
  EXPECT_EQ(to_hex(read("7ff0 0005 aa000000").to_report.at(0)), "7ff00005aa");
  EXPECT_TRUE(read("bff0 0005 aa000000").supports_forward_tsn);
  EXPECT_THAT(read("bff0 0005 aa000000").to_report, IsEmpty());
  EXPECT_TRUE(read("fff0 0005 aa000000").supports_forward_tsn);
  EXPECT_EQ(to_hex(read("fff0 0005 aa000000").to_report.at(0)), "fff00005aa");
}

TEST(InitParametersTest, PassOverWhatTheyNeedNotUnderstand) {
  const Bytes bytes = from_hex(
      "8000 0004 8002 0008 01020304 8005 0006 00000000 0009 0008 000005dc 000c 0006 0005 0000"
      "0008 0008 9999 0004 c000 0004");
  const auto parsed = parse(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->is_ecn_capable);
  EXPECT_TRUE(parsed->supports_forward_tsn);
  EXPECT_THAT(parsed->to_report, IsEmpty());
}

TEST(InitParametersTest, KeepTheHostNameThatIsToBeRefused) {
  const Bytes bytes = from_hex("000b 0006 6100 0000");
  const auto parsed = parse(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->has_host_name);
  EXPECT_EQ(to_hex(parsed->host_name), "000b00066100");
}

TEST(InitParametersTest, KeepWithinTheirBounds) {
  Bytes bytes;
  InitParameterWriter writer(bytes);
  TlvWriter tlvs(bytes);
  for (unsigned i = 0; i < 100; ++i) {
    writer.address(IpEndpoint::v4({10, 0, 0, static_cast<uint8_t>(i / 2)}, 0));
    writer.unrecognized(from_hex("9999 0004"));
    tlvs.add(0xfff0, from_hex("aa"));
  }

  const auto parsed = parse(bytes);

  ASSERT_TRUE(parsed);
  EXPECT_THAT(parsed->addresses, SizeIs(kMaxPeerAddresses));
  EXPECT_EQ(parsed->addresses[1].address[3], 1);  // the same address twice counts once
  EXPECT_THAT(parsed->to_report, SizeIs(kMaxReportedParameters));
}

TEST(ParameterTypeTest, HasNamesAndRules) {
  EXPECT_EQ(to_string(ParameterType::StateCookie), "state cookie");
  EXPECT_EQ(to_string(ParameterType{0x1234}), "parameter 0x1234");
  EXPECT_EQ(rule_for_unknown(ParameterType{0x4000}),
            (UnknownRule{.goes_on = false, .reports = true}));
  EXPECT_EQ(rule_for_unknown(ParameterType{0x8000}),
            (UnknownRule{.goes_on = true, .reports = false}));
}

}  // namespace
}  // namespace mayfly::sctp
