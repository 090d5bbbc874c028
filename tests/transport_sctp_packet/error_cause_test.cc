#include "transport/sctp/packet/error_cause.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/support/hex.h"
#include "tests/transport_sctp_packet/chunk_bytes.h"
#include "transport/sctp/packet/chunk/abort_chunk.h"
#include "transport/sctp/packet/chunk/error_chunk.h"
#include "transport/sctp/packet/parameter/parameter_type.h"

namespace mayfly::sctp {
namespace {

// The causes that `write` writes.
template <class Write>
Bytes causes_of(Write write) {
  Bytes bytes;
  CauseWriter writer(bytes);
  write(writer);
  return bytes;
}

template <class Write>
void expect_cause(Write write, const char* hex, const char* text) {
  const Bytes causes = causes_of(write);
  EXPECT_EQ(to_hex(causes), to_hex(from_hex(hex)));
  EXPECT_EQ(causes_text(causes), text);
}

TEST(ErrorCauseTest, IsAsRfc9260Draws) {
  expect_cause([](auto& to) { to.invalid_stream_identifier(StreamId(258)); }, "0001 0008 0102 0000",
               "invalid stream identifier: 258");
  expect_cause(
      [](auto& to) {
        to.missing_mandatory_parameters(
            std::array{static_cast<uint16_t>(ParameterType::StateCookie)});
      },
      "0002 000a 00000001 0007", "missing mandatory parameter");
  expect_cause([](auto& to) { to.stale_cookie(2500us); }, "0003 0008 000009c4",
               "stale cookie: 2 ms late");
  expect_cause([](auto& to) { to.out_of_resource(); }, "0004 0004", "out of resource");
  expect_cause([](auto& to) { to.unresolvable_address(from_hex("000b 0006 6100")); },
               "0005 000a 000b00066100", "unresolvable address: host name");
  expect_cause([](auto& to) { to.invalid_mandatory_parameter(); }, "0007 0004",
               "invalid mandatory parameter");
  expect_cause([](auto& to) { to.unrecognized_parameters(from_hex("fff0 0004")); },
               "0008 0008 fff00004", "unrecognized parameters: parameter 0xfff0");
  expect_cause([](auto& to) { to.no_user_data(Tsn(16)); }, "0009 0008 00000010",
               "no user data: TSN 16");
  expect_cause([](auto& to) { to.cookie_received_while_shutting_down(); }, "000a 0004",
               "cookie received while shutting down");
  expect_cause([](auto& to) { to.restart_with_new_addresses(from_hex("0005 0008 c0000201")); },
               "000b 000c 00050008c0000201", "restart with new addresses: IPv4 address");
  expect_cause([](auto& to) { to.user_initiated_abort("bye"); }, "000c 0007 627965",
               "user-initiated abort: bye");
  expect_cause([](auto& to) { to.protocol_violation("no"); }, "000d 0006 6e6f",
               "protocol violation: no");
}

TEST(ErrorCauseTest, GivesAnUnrecognizedChunkBack) {
  const Bytes chunk = from_hex("63010005 aa000000");
  const auto view = ChunkReader(chunk).next();
  expect_cause([&](auto& to) { to.unrecognized_chunk(*view); }, "0006 0009 63010005aa",
               "unrecognized chunk type: chunk 99");
}

TEST(ErrorCauseTest, StandsInAListWithPaddingBetween) {
  const Bytes causes = causes_of([](auto& to) {
    to.user_initiated_abort("bye");
    to.out_of_resource();
    to.protocol_violation("x");
  });

  EXPECT_EQ(to_hex(causes), to_hex(from_hex("000c 0007 627965 00 0004 0004 000d 0005 78")));
  EXPECT_EQ(causes_text(causes),
            "user-initiated abort: bye, out of resource, protocol violation: x");
  EXPECT_TRUE(has_cause(causes, CauseCode::OutOfResource));
  EXPECT_FALSE(has_cause(causes, CauseCode::StaleCookie));
  EXPECT_EQ(user_abort_text(causes), "bye");
  EXPECT_EQ(to_string(AbortChunk{.tag_is_reflected = true, .causes = causes}),
            "ABORT reflected: user-initiated abort: bye, out of resource, protocol violation: x");
}

TEST(ErrorCauseTest, ShowsNoControlCharactersOfThePeer) {
  const Bytes causes = from_hex("000c 0007 621b65");
  EXPECT_EQ(user_abort_text(causes), "b?e");
  EXPECT_EQ(causes_text(causes), "user-initiated abort: b?e");
}

TEST(ErrorCauseTest, NamesWhatItDoesNotKnow) {
  EXPECT_EQ(causes_text(from_hex("00c8 0004")), "cause 200");
  EXPECT_EQ(causes_text(from_hex("00a0 0004")), "request to delete the last address");
  EXPECT_EQ(causes_text({}), "no reason given");
  EXPECT_EQ(causes_text(from_hex("0001 0003")), "no reason given");
  EXPECT_EQ(user_abort_text(from_hex("000d 0004")), std::nullopt);
}

TEST(ErrorCauseTest, IsCutToWhatAPacketCanHold) {
  const Bytes causes =
      causes_of([](auto& to) { to.user_initiated_abort(std::string(70'000, 'x')); });
  EXPECT_EQ(causes.size(), kTlvHeaderBytes + CauseWriter::kMaxEchoBytes);
}

TEST(ErrorCauseTest, IsToldOnlyAsFarAsPeopleRead) {
  Bytes causes;
  TlvWriter tlvs(causes);
  for (int i = 0; i < 8000; ++i) tlvs.add(200, ByteView());
  EXPECT_LT(causes_text(causes).size(), 1100U);

  Bytes parameters;
  for (int i = 0; i < 8000; ++i) TlvWriter(parameters).add(0x1234, ByteView());
  Bytes list;
  const auto code = static_cast<uint16_t>(CauseCode::UnrecognizedParameters);
  TlvWriter(list).add(code, parameters);
  EXPECT_LT(causes_text(list).size(), 1100U);

  Bytes reason;
  TlvWriter(reason).add(static_cast<uint16_t>(CauseCode::UserInitiatedAbort), Bytes(60'000));
  EXPECT_LT(user_abort_text(reason)->size(), 1100U);
}

TEST(ErrorCauseTest, SaysWhatStandsBesideItsCode) {
  const auto first = [](const Bytes& causes) { return *TlvReader(causes).next(); };
  const Bytes stream = causes_of([](auto& to) { to.invalid_stream_identifier(StreamId(7)); });
  const Bytes stale = causes_of([](auto& to) { to.stale_cookie(3s); });
  const Bytes empty = causes_of([](auto& to) { to.no_user_data(Tsn(5)); });

  EXPECT_EQ(invalid_stream_of(first(stream)), StreamId(7));
  EXPECT_EQ(staleness_of(first(stale)), Duration(3s));
  EXPECT_EQ(empty_data_of(first(empty)), Tsn(5));
  EXPECT_EQ(empty_data_of(first(stale)), std::nullopt);
  EXPECT_EQ(invalid_stream_of(first(from_hex("0001 0006 0000"))), std::nullopt);
}

TEST(ErrorChunkTest, HoldsItsCauses) {
  const Bytes causes = causes_of([](auto& to) { to.protocol_violation("x"); });

  const Bytes error = bytes_of(ErrorChunk{.causes = causes});
  const Bytes abort = bytes_of(AbortChunk{.tag_is_reflected = true, .causes = causes});

  EXPECT_EQ(to_hex(error), "09000009000d000578");
  EXPECT_EQ(to_hex(abort), "06010009000d000578");
  EXPECT_TRUE(parse_as<AbortChunk>(abort)->tag_is_reflected);
  EXPECT_EQ(to_string(*parse_as<ErrorChunk>(error)), "ERROR: protocol violation: x");
}

}  // namespace
}  // namespace mayfly::sctp
