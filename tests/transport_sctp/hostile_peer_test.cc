// A peer may say whatever it likes, under the right tag or before there is one: the process goes
// on, and the worst that comes of it is the end of the association.
#include <gmock/gmock.h>

#include "tests/transport_sctp/played_by_hand.h"
#include "transport/sctp/packet/chunk/error_chunk.h"
#include "transport/sctp/packet/chunk/sack_chunk.h"
#include "transport/sctp/packet/error_cause.h"
#include "transport/sctp/socket/socket.h"

namespace mayfly::sctp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::SizeIs;

class HostilePeerTest : public PlayedByHand {};

Bytes unknown_parameters(size_t bytes, size_t count) {
  Bytes list;
  TlvWriter writer(list);
  for (size_t i = 0; i < count; ++i) writer.add(0xc123, Bytes(bytes));
  return list;
}

TEST_F(HostilePeerTest, IsToldOfParametersOnlyAsFarAsAnAnswerHoldsThem) {  // RFC 9260 3.2.1
  // The last INIT fills the largest packet that UDP can carry.
  for (const auto& [bytes, count] :
       {std::pair{4U, 3U}, std::pair{100U, 16U}, std::pair{600U, 1U}, std::pair{65'440U, 1U}}) {
    send_init(host(1), 77, {}, unknown_parameters(bytes, count));

    const auto answers = socket_.take();
    ASSERT_THAT(answers, SizeIs(1)) << bytes;
    EXPECT_THAT(answers[0].packet, SizeIs(Le(1000U))) << bytes;
    const auto chunk = PacketView::parse(answers[0].packet)->chunks().next();
    const auto init_ack = InitAckChunk::parse(*chunk);
    ASSERT_TRUE(init_ack) << bytes;
    TlvReader parameters(init_ack->parameters);
    size_t reported = 0;
    while (const auto each = parameters.next()) {
      if (each->type == static_cast<uint16_t>(ParameterType::UnrecognizedParameter)) ++reported;
    }
    EXPECT_EQ(reported, bytes == 4 ? 3U : bytes == 100 ? 4U : 0U) << bytes;
  }
}

TEST_F(HostilePeerTest, MayLeaveMoreGapsThanAPacketCanTellWhileTheServerSaysGoodbye) {
  const Peer peer = connect(host(1), 77);
  for (uint32_t i = 0; i < 340; ++i) send_data(peer.at, peer.server_tag, 3 + 2 * i, 1);
  associations_[0]->shutdown();
  simulation_.run_for(1ms);
  (void)socket_.take();

  send_data(peer.at, peer.server_tag, 1001, 1);

  // RFC 9260 9.2: SHUTDOWN again, with the acknowledgement.
  EXPECT_THAT(types_to(socket_.sent, peer.at), ElementsAre(ChunkType::Sack, ChunkType::Shutdown));
  EXPECT_TRUE(is_alive(0));
}

TEST_F(HostilePeerTest, FillsNoMemoryWithErrorsThatNobodyFetches) {
  const Peer peer = connect(host(1), 77);
  associations_[0]->set_observer(nullptr);
  Bytes causes;
  CauseWriter(causes).out_of_resource();
  for (int i = 0; i < 5000; ++i) {
    send(peer.at, peer.server_tag, ErrorChunk{.causes = causes});
    simulation_.run_for(10us);
  }

  associations_[0]->set_observer(owners_[0].get());
  simulation_.run_for(1ms);

  EXPECT_THAT(owners_[0]->events, SizeIs(Le(300U)));
}

TEST_F(HostilePeerTest, LivesWithAWindowThatHoldsNoChunk) {  // RFC 9260 6.1 A
  const Peer peer = connect(host(1), 77);
  ASSERT_TRUE(associations_[0]->send({StreamId(0), Ppid(1), Bytes(1000)}, {}));
  for (int i = 0; i < 150; ++i) {  // a minute; 30 timeouts of 400 ms would be the end
    simulation_.run_for(400ms);
    send(peer.at, peer.server_tag,
         SackChunk{.cumulative_tsn = Tsn(peer.server_tsn.value() - 1),
                   .a_rwnd = 500,
                   .gap_blocks = {},
                   .duplicates = {}});
  }

  EXPECT_TRUE(is_alive(0));
}

class PortsTest : public PlayedByHand {};

TEST_F(PortsTest, AreNotLookedForForEverWhenAllAreTaken) {
  std::vector<std::unique_ptr<Association>> ours;
  for (;;) {
    auto association = server_.connect({{host(5)}});
    if (!association) {
      EXPECT_EQ(association.error().code, ErrorCode::Exhausted);
      break;
    }
    ours.push_back(std::move(*association));
  }

  EXPECT_THAT(ours, SizeIs(16'384));  // RFC 6335 6
  EXPECT_TRUE(server_.connect({{host(6)}}));
  simulation_.run_for(1ms);
}

class SmallPacketsTest : public PlayedByHand {
 protected:
  SmallPacketsTest() : PlayedByHand(TransportOptions{.max_packet_bytes = 512}) {}
};

TEST_F(SmallPacketsTest, HoldARefusalWhateverItIsAbout) {
  Bytes host_name;
  TlvWriter(host_name).add(static_cast<uint16_t>(ParameterType::HostName), Bytes(2000));

  send_init(host(1), 77, {}, host_name);

  EXPECT_THAT(types_to(socket_.sent, host(1)), ElementsAre(ChunkType::Abort));
}

TEST_F(SmallPacketsTest, HoldAnAbortWhateverItsReason) {
  const Peer peer = connect(host(1), 77);
  (void)socket_.take();

  associations_[0]->abort(std::string(2000, 'x'));
  simulation_.run_for(1ms);

  EXPECT_THAT(types_to(socket_.sent, peer.at), ElementsAre(ChunkType::Abort));
}

// The end that began, and a server whose INIT ACK has a cookie of this size.
struct Asked {
  explicit Asked(size_t cookie_bytes)
      : socket(default_socket_options({}), LocalSide{kPort, VerificationTag(1), Tsn(1)}, kPort,
               {kThere}, secret_of(1), now) {
    (void)socket.next_packet(now, memory);
    Bytes parameters;
    InitParameterWriter(parameters).state_cookie(Bytes(cookie_bytes));
    Bytes packet(65'507);
    PacketBuilder builder({kPort, kPort, VerificationTag(1)}, packet);
    EXPECT_TRUE(builder.add(InitAckChunk{.initiate_tag = VerificationTag(2),
                                         .a_rwnd = 100'000,
                                         .outbound_streams = 4,
                                         .inbound_streams = 4,
                                         .initial_tsn = Tsn(1),
                                         .parameters = parameters}));
    socket.receive(kThere, *PacketView::parse(builder.finish()), now);
  }
  [[nodiscard]] std::optional<ChunkType> answer() {
    const auto packet = socket.next_packet(now, memory);
    if (!packet) return std::nullopt;
    return PacketView::parse(packet->bytes)->chunks().next()->type;
  }
  [[nodiscard]] std::string why_closed() {
    std::string why;
    while (const auto event = socket.next_event()) {
      if (const auto* closed = std::get_if<Socket::Closed>(&*event)) why = closed->reason.message;
    }
    return why;
  }

  static constexpr uint16_t kPort = 9899;
  const IpEndpoint kThere = IpEndpoint::v4({10, 0, 0, 1}, 9899);
  Timestamp now{1s};
  Bytes memory = Bytes(1252);
  Socket socket;
};

TEST(HostileServerTest, GetsNoCookieBackThatNoPacketHolds) {  // RFC 9260 5.1 D
  // 1252 less both headers.
  for (const size_t bytes : {size_t{0}, size_t{1}, size_t{1235}, size_t{1236}}) {
    EXPECT_EQ(Asked(bytes).answer(), ChunkType::CookieEcho) << bytes;
  }
  for (const size_t bytes : {size_t{1237}, size_t{5000}, size_t{65'400}}) {
    Asked asked(bytes);
    EXPECT_EQ(asked.answer(), ChunkType::Abort) << bytes;
    EXPECT_THAT(asked.why_closed(), HasSubstr("bytes fits no packet")) << bytes;
  }
}

}  // namespace
}  // namespace mayfly::sctp
