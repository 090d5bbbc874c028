// Every chunk type, as written here, is well-formed to somebody else: tshark, where it is
// installed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "transport/sctp/packet/chunk/abort_chunk.h"
#include "transport/sctp/packet/chunk/cookie_ack_chunk.h"
#include "transport/sctp/packet/chunk/cookie_echo_chunk.h"
#include "transport/sctp/packet/chunk/data_chunk.h"
#include "transport/sctp/packet/chunk/error_chunk.h"
#include "transport/sctp/packet/chunk/forward_tsn_chunk.h"
#include "transport/sctp/packet/chunk/heartbeat_ack_chunk.h"
#include "transport/sctp/packet/chunk/heartbeat_chunk.h"
#include "transport/sctp/packet/chunk/i_data_chunk.h"
#include "transport/sctp/packet/chunk/i_forward_tsn_chunk.h"
#include "transport/sctp/packet/chunk/init_ack_chunk.h"
#include "transport/sctp/packet/chunk/init_chunk.h"
#include "transport/sctp/packet/chunk/pad_chunk.h"
#include "transport/sctp/packet/chunk/reconfig_chunk.h"
#include "transport/sctp/packet/chunk/sack_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_ack_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_complete_chunk.h"
#include "transport/sctp/packet/error_cause.h"
#include "transport/sctp/packet/packet_builder.h"
#include "transport/sctp/packet/parameter/init_parameters.h"
#include "transport/sctp/packet/parameter/reconfig_parameters.h"

namespace mayfly::sctp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A capture file of bare SCTP packets: pcap with link type 248, in this machine's byte order.
class Capture {
 public:
  Capture()
      : path_(std::filesystem::temp_directory_path() /
              ("mayfly-sctp-" + std::to_string(getpid()) + ".pcap")),
        file_(path_, std::ios::binary) {
    constexpr uint32_t kMagic = 0xa1b2c3d4;
    constexpr uint16_t kMajorVersion = 2;
    constexpr uint16_t kMinorVersion = 4;
    constexpr uint32_t kLinkTypeSctp = 248;
    put(kMagic);
    put(kMajorVersion);
    put(kMinorVersion);
    for (const uint32_t word : {0U, 0U, 0xffffU, kLinkTypeSctp}) put(word);
  }
  ~Capture() { std::filesystem::remove(path_); }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  template <class... Chunks>
  void add(const Chunks&... chunks) {
    Bytes memory(1500);
    PacketBuilder builder({.source_port = 5000,
                           .destination_port = 9899,
                           .verification_tag = VerificationTag(0xa1b2c3d4)},
                          memory);
    EXPECT_TRUE((builder.add(chunks) && ...));
    const ByteView packet = builder.finish();
    const auto size = static_cast<uint32_t>(packet.size());
    for (const uint32_t word : {0U, 0U, size, size}) put(word);
    const std::string_view text = as_text(packet);
    file_.write(text.data(), static_cast<std::streamsize>(text.size()));
  }

  // What tshark prints about it.
  [[nodiscard]] std::string dissected(const std::string& options) {
    file_.flush();
    const std::string command =
        "tshark -r " + path_.string() + " -o sctp.checksum:crc-32c " + options + " 2>/dev/null";
    std::string text;
    FILE* const pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return text;
    std::array<char, 4096> buffer{};
    while (const size_t got = fread(buffer.data(), 1, buffer.size(), pipe)) {
      text.append(buffer.data(), got);
    }
    EXPECT_EQ(pclose(pipe), 0) << command;
    return text;
  }

 private:
  template <class Word>
  void put(Word word) {
    const auto bytes = std::as_bytes(std::span(&word, 1));
    file_.write(as_text(bytes).data(), sizeof word);
  }

  std::filesystem::path path_;
  std::ofstream file_;
};

class TsharkTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("tshark --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no tshark here";
  }
};

Bytes init_parameters(bool is_ack) {
  Bytes bytes;
  InitParameterWriter writer(bytes);
  const std::vector<ChunkType> extensions = {ChunkType::Reconfig, ChunkType::IData,
                                             ChunkType::ForwardTsn, ChunkType::IForwardTsn};
  writer.address(IpEndpoint::v4({192, 0, 2, 1}, 0));
  writer.address(IpEndpoint::any_v6(0));
  if (is_ack) {
    writer.state_cookie(Bytes(41));
    writer.unrecognized(Bytes{std::byte{0xff}, std::byte{0xf0}, std::byte{0}, std::byte{4}});
  }
  writer.supported_extensions(extensions);
  writer.adaptation_indication(7);
  writer.forward_tsn_supported();
  return bytes;
}

Bytes all_causes() {
  Bytes bytes;
  CauseWriter writer(bytes);
  const Bytes unknown = {std::byte{0x63}, std::byte{1}, std::byte{0}, std::byte{4}};
  writer.invalid_stream_identifier(StreamId(258));
  writer.missing_mandatory_parameters(std::array<uint16_t, 1>{7});
  writer.stale_cookie(2500us);
  writer.out_of_resource();
  writer.unrecognized_chunk(*ChunkReader(unknown).next());
  writer.invalid_mandatory_parameter();
  writer.no_user_data(Tsn(16));
  writer.cookie_received_while_shutting_down();
  writer.protocol_violation("no");
  return bytes;
}

void add_set_up_and_end(Capture& capture) {
  const Bytes init = init_parameters(false);
  const Bytes init_ack = init_parameters(true);
  const Bytes causes = all_causes();
  const Bytes bytes(41);
  capture.add(InitChunk{.initiate_tag = VerificationTag(1),
                        .a_rwnd = 65536,
                        .outbound_streams = 1,
                        .inbound_streams = 1,
                        .initial_tsn = Tsn(7),
                        .parameters = init});
  capture.add(InitAckChunk{.initiate_tag = VerificationTag(1),
                           .a_rwnd = 65536,
                           .outbound_streams = 1,
                           .inbound_streams = 1,
                           .initial_tsn = Tsn(7),
                           .parameters = init_ack});
  capture.add(CookieEchoChunk{.cookie = bytes});
  capture.add(CookieAckChunk{}, ErrorChunk{.causes = causes});
  capture.add(HeartbeatChunk{.info = bytes}, PadChunk{.padding_bytes = 101});
  capture.add(HeartbeatAckChunk{.info = bytes});
  capture.add(ShutdownChunk{.cumulative_tsn = Tsn(7)});
  capture.add(ShutdownAckChunk{});
  capture.add(ShutdownCompleteChunk{.tag_is_reflected = true});
  capture.add(AbortChunk{.tag_is_reflected = false, .causes = causes});
}

void add_transfer(Capture& capture) {
  const Bytes bytes(41);
  const std::vector<GapAckBlock> gaps = {{2, 3}, {5, 5}};
  const std::vector<Tsn> duplicates = {Tsn(6)};
  const std::vector<SkippedSequence> sequences = {{StreamId(1), StreamSequence(2)}};
  const std::vector<SkippedMessage> messages = {{StreamId(1), true, MessageIdentifier(2)}};
  const std::vector<StreamId> streams = {StreamId(1)};
  const Bytes resets =
      serialize({OutgoingResetRequest{.sequence = ReconfigSequence(1), .streams = streams},
                 IncomingResetRequest{.sequence = ReconfigSequence(2), .streams = streams}});
  const Bytes additions =
      serialize({AddOutgoingStreams{.sequence = ReconfigSequence(1), .count = 2},
                 AddIncomingStreams{.sequence = ReconfigSequence(2)}});
  const Bytes answer = serialize(
      {ReconfigResponse{.response_to = ReconfigSequence(1), .next_tsns = {{Tsn(1), Tsn(2)}}}});
  capture.add(
      SackChunk{
          .cumulative_tsn = Tsn(7), .a_rwnd = 65536, .gap_blocks = gaps, .duplicates = duplicates},
      DataChunk{
          .immediate = true, .beginning = true, .end = true, .tsn = Tsn(8), .payload = bytes});
  capture.add(
      IDataChunk{.beginning = true, .tsn = Tsn(9), .ppid = Ppid(3), .payload = bytes},
      IDataChunk{.end = true, .tsn = Tsn(10), .fragment = FragmentSequence(1), .payload = bytes});
  capture.add(ForwardTsnChunk{.new_cumulative_tsn = Tsn(10), .skipped = sequences});
  capture.add(IForwardTsnChunk{.new_cumulative_tsn = Tsn(10), .skipped = messages});
  capture.add(ReconfigChunk{.parameters = resets});
  capture.add(ReconfigChunk{.parameters = additions});
  capture.add(ReconfigChunk{.parameters = answer});
}

TEST_F(TsharkTest, FindsEveryPacketWellFormed) {
  Capture capture;
  add_set_up_and_end(capture);
  add_transfer(capture);

  const std::string types =
      capture.dissected("-T fields -e sctp.chunk_type -e sctp.checksum.status");
  const std::string everything = capture.dissected("-V");

  // 1 in the second column: the checksum is right. 99 is the chunk in an error cause.
  EXPECT_EQ(types,
            "1\t1\n2\t1\n10\t1\n11,9,99\t1\n4,132\t1\n5\t1\n7\t1\n8\t1\n14\t1\n6,99\t1\n"
            "3,0\t1\n64,64\t1\n192\t1\n194\t1\n130\t1\n130\t1\n130\t1\n");
  EXPECT_THAT(everything, Not(HasSubstr("Malformed")));
  EXPECT_THAT(everything, Not(HasSubstr("Expert Info (Error")));
}

}  // namespace
}  // namespace mayfly::sctp
