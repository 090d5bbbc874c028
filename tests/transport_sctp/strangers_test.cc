// What RFC 5062 and RFC 9260 5.1.3, 8.4, 8.5 ask of an end that anybody may send packets to.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "tests/transport_sctp/played_by_hand.h"
#include "transport/sctp/packet/chunk/abort_chunk.h"
#include "transport/sctp/packet/chunk/heartbeat_ack_chunk.h"
#include "transport/sctp/packet/chunk/sack_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_ack_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_complete_chunk.h"

namespace mayfly::sctp {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Lt;
using ::testing::SizeIs;

class StrangersTest : public PlayedByHand {};

TEST_F(StrangersTest, GetNothingRememberedForAnInit) {  // RFC 9260 5.1.3
  for (uint32_t i = 0; i < 2000; ++i) {
    send_init(host(static_cast<uint8_t>(i % 250), static_cast<uint16_t>(1000 + i)), i + 1);
  }
  simulation_.run_for(10s);

  EXPECT_THAT(associations_, IsEmpty());
  // One small answer to each, and none is repeated.
  EXPECT_THAT(socket_.sent, SizeIs(2000));
  for (const auto& each : socket_.sent) EXPECT_THAT(each.packet.size(), Lt(400U));
}

TEST_F(StrangersTest, GetOnlySoManyAnswersASecond) {
  for (uint32_t i = 0; i < 20'000; ++i) send_init(host(1), i + 1);

  EXPECT_THAT(socket_.sent, SizeIs(Lt(6000U)));
}

TEST_F(StrangersTest, CannotForeseeTheTagOfTheNext) {  // RFC 9260 5.3.1
  std::set<uint32_t> tags;
  std::set<uint32_t> steps;
  uint32_t last = 0;
  for (uint8_t i = 0; i < 100; ++i) {
    const Peer peer = ask(host(i), 1);
    tags.insert(peer.server_tag.value());
    tags.insert(peer.server_tsn.value());
    steps.insert(peer.server_tag.value() - last);
    last = peer.server_tag.value();
  }

  EXPECT_THAT(tags, SizeIs(200));
  EXPECT_THAT(steps, SizeIs(100));
}

TEST_F(StrangersTest, CannotEndOrUseAnAssociationWithoutItsTag) {  // RFC 9260 8.5
  const Peer peer = connect(host(1), 77);
  ASSERT_THAT(associations_, SizeIs(1));
  for (const uint32_t guess : {0U, 1U, 77U, peer.server_tag.value() + 1}) {
    for (const bool reflected : {false, true}) {
      if (reflected && guess == 77) continue;  // who knows the peer's own tag may end it
      send(host(1), VerificationTag(guess),
           AbortChunk{.tag_is_reflected = reflected, .causes = {}});
    }
    send(host(1), VerificationTag(guess), ShutdownChunk{Tsn(0)});
    send_data(host(1), VerificationTag(guess), 1);
  }

  EXPECT_TRUE(is_alive(0));
  EXPECT_THAT(owners_[0]->messages, IsEmpty());
  send_data(peer.at, peer.server_tag, 1);
  EXPECT_THAT(owners_[0]->messages, SizeIs(1));
}

TEST_F(StrangersTest, CannotTurnDataOntoOneWhoNeverAnswered) {  // RFC 5062 2.1, 2.2
  const IpEndpoint victim = host(99);
  const Peer peer = connect(host(1), 77, {victim});
  ASSERT_THAT(associations_, SizeIs(1));
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(associations_[0]->send({StreamId(0), Ppid(1), Bytes(1000)}, {}));
  }

  simulation_.run_for(10s);  // the peer acknowledges nothing, and its timers run out

  const auto types = types_to(socket_.sent, victim);
  for (const ChunkType type : types) EXPECT_EQ(type, ChunkType::Heartbeat);
  EXPECT_THAT(types, SizeIs(Lt(12U)));
}

TEST_F(StrangersTest, CannotTurnDataOntoOneByGivingItsAddressToTheirCookie) {  // RFC 9260 5.4
  const IpEndpoint victim = host(99);
  Peer peer = ask(host(1), 77);
  peer.at = victim;
  echo(peer);
  ASSERT_THAT(associations_, SizeIs(1));
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(associations_[0]->send({StreamId(0), Ppid(1), Bytes(1000)}, {}));
  }

  simulation_.run_for(10s);

  EXPECT_THAT(types_to(socket_.sent, victim), ElementsAre(ChunkType::Heartbeat));
  EXPECT_THAT(types_to(socket_.sent, host(1)), Contains(ChunkType::Data));
}

TEST_F(StrangersTest, AreNotThePeerThatItsNatHasMovedDuringTheHandshake) {  // RFC 6951 5.4
  Peer peer = ask(host(1), 77);
  peer.at = host(1, 7001);
  echo(peer);
  const auto info = heartbeat_to(peer.at);
  ASSERT_TRUE(info);
  send(peer.at, peer.server_tag, HeartbeatAckChunk{.info = *info});
  simulation_.run_for(1ms);
  (void)socket_.take();

  echo(peer);  // again: it has not heard the answer

  ASSERT_THAT(associations_, SizeIs(1));
  EXPECT_THAT(types_to(socket_.sent, peer.at), Contains(ChunkType::CookieAck));
  EXPECT_EQ(associations_[0]->peer(), to_string(peer.at));
}

TEST_F(StrangersTest, CannotKeepAnotherOutByNamingItsAddress) {  // RFC 5062 2.1
  (void)connect(host(1), 77, {host(2)});
  (void)socket_.take();

  send_init(host(2), 88, {host(3)});

  EXPECT_THAT(types_to(socket_.sent, host(2)), ElementsAre(ChunkType::InitAck));
}

TEST_F(StrangersTest, DoNotEndAnAssociationBySayingThatItIsNotTheirs) {  // RFC 9260 8.5.1 B
  // An address that means another host here than where the peer named it.
  const Peer peer = connect(host(1), 77, {host(2)});
  ASSERT_THAT(types_to(socket_.sent, host(2)), Contains(ChunkType::Heartbeat));

  send(host(2), peer.own_tag, AbortChunk{.tag_is_reflected = true, .causes = {}});
  simulation_.run_for(1ms);

  EXPECT_TRUE(is_alive(0));
}

TEST_F(StrangersTest, AreLetGoWhoStillWaitForTheEndOfTheAssociationBefore) {  // RFC 9260 8.5.1 E
  const auto association = std::move(*server_.connect({{host(5)}}));
  simulation_.run_for(1ms);
  ASSERT_THAT(types_to(socket_.sent, host(5)), ElementsAre(ChunkType::Init));
  const CommonHeader init = PacketView::parse(socket_.take()[0].packet)->header();

  Bytes memory(100);
  PacketBuilder builder({init.destination_port, init.source_port, VerificationTag(4711)}, memory);
  ASSERT_TRUE(builder.add(ShutdownAckChunk{}));
  socket_.arrive(host(5), builder.finish());

  ASSERT_THAT(socket_.sent, SizeIs(1));
  const auto answer = PacketView::parse(socket_.sent[0].packet);
  EXPECT_EQ(answer->header().verification_tag, VerificationTag(4711));
  const auto complete = ShutdownCompleteChunk::parse(*answer->chunks().next());
  ASSERT_TRUE(complete);
  EXPECT_TRUE(complete->tag_is_reflected);
}

TEST_F(StrangersTest, CannotTakeAnothersPacketsByNamingItsAddress) {  // RFC 5062 2.1
  (void)connect(host(1), 77, {host(2)});
  const Peer honest = connect(host(2), 88);

  send_data(honest.at, honest.server_tag, 1);

  size_t got = 0;
  for (const auto& owner : owners_) got += owner->messages.size();
  EXPECT_EQ(got, 1U);
}

TEST_F(StrangersTest, LearnNoTagFromTheCookieOfARestart) {  // RFC 9260 1.3, 5.2.2
  const Peer peer = connect(host(1), 0x11223344);

  const Peer again = ask(host(1), 0x55667788);

  Bytes tag;
  ByteWriter(tag).u32(peer.server_tag.value());
  EXPECT_TRUE(std::ranges::search(again.cookie, tag).empty());
  tag.clear();
  ByteWriter(tag).u32(peer.own_tag.value());
  EXPECT_TRUE(std::ranges::search(again.cookie, tag).empty());
  EXPECT_NE(again.server_tag, peer.server_tag);
  EXPECT_TRUE(is_alive(0));
}

TEST_F(StrangersTest, CannotRestartAnAssociationFromAnAddressItDoesNotHave) {  // RFC 9260 5.2.2
  (void)connect(host(1), 77);
  (void)socket_.take();

  send_init(host(1), 78, {host(66)});
  simulation_.run_for(1ms);

  EXPECT_TRUE(is_alive(0));
  EXPECT_THAT(types_to(socket_.sent, host(1)), ElementsAre(ChunkType::Abort));
}

TEST_F(StrangersTest, CannotMakeOrChangeACookie) {  // RFC 9260 5.1.5
  Peer peer = ask(host(1), 77);
  for (size_t at = 0; at < peer.cookie.size(); ++at) {
    Peer forger = peer;
    forger.cookie[at] ^= std::byte{1};
    echo(forger);
  }
  EXPECT_THAT(associations_, IsEmpty());

  peer.server_tag = VerificationTag(peer.server_tag.value() + 1);  // not the tag it was made for
  echo(peer);

  EXPECT_THAT(associations_, IsEmpty());
}

TEST_F(StrangersTest, CannotComeBackWithAnOldCookie) {  // RFC 9260 5.1.5
  const Peer peer = ask(host(1), 77);
  simulation_.run_for(61s);

  echo(peer);

  EXPECT_THAT(associations_, IsEmpty());
  EXPECT_THAT(types_to(socket_.sent, host(1)), ElementsAre(ChunkType::Error));
}

TEST_F(StrangersTest, CannotRaiseAnAssociationFromTheDeadByItsCookie) {
  const Peer peer = connect(host(1), 77);
  ASSERT_THAT(associations_, SizeIs(1));
  associations_[0].reset();
  (void)socket_.take();

  echo(peer);  // repeated before the peer heard of the end, or held up on the way

  EXPECT_THAT(associations_, SizeIs(1));
  ASSERT_THAT(socket_.sent, SizeIs(1));
  const auto answer = PacketView::parse(socket_.sent[0].packet);
  EXPECT_EQ(answer->header().verification_tag, peer.own_tag);
  EXPECT_EQ(answer->chunks().next()->type, ChunkType::Abort);
  EXPECT_EQ(socket_.sent[0].to, peer.at);
}

TEST_F(StrangersTest, MayComeAgainAfterTheEndOfTheirAssociation) {
  const Peer first = connect(host(1), 77);
  send(first.at, first.server_tag, AbortChunk{.causes = {}});
  simulation_.run_for(1ms);
  ASSERT_FALSE(is_alive(0));

  const Peer second = connect(host(1), 78);
  echo(first);  // late
  send_data(second.at, second.server_tag, 1);

  ASSERT_THAT(associations_, SizeIs(2));
  EXPECT_TRUE(is_alive(1));
  EXPECT_THAT(owners_[1]->messages, SizeIs(1));
}

TEST_F(StrangersTest, CannotSpeedUpASenderByAcknowledgingWhatWasNotSent) {  // RFC 9260 6.2.1
  const Peer peer = connect(host(1), 77);
  send(peer.at, peer.server_tag,
       SackChunk{.cumulative_tsn = Tsn(peer.server_tsn.value() + 1000),
                 .a_rwnd = 100'000,
                 .gap_blocks = {},
                 .duplicates = {}});
  simulation_.run_for(1ms);

  EXPECT_FALSE(is_alive(0));
}

TEST_F(StrangersTest, CannotMoveAnAssociationWithoutAnsweringFromThere) {  // RFC 6951 5.4
  const Peer peer = connect(host(1), 77);
  (void)socket_.take();

  send_data(host(13), peer.server_tag, 1);  // one who overheard the tag, elsewhere

  for (const ChunkType type : types_to(socket_.sent, host(13))) {
    EXPECT_EQ(type, ChunkType::Heartbeat);
  }
  EXPECT_EQ(associations_[0]->peer(), to_string(peer.at));
}

TEST_F(StrangersTest, AreNotThePeerThatItsNatHasMoved) {  // RFC 6951 5.4
  const Peer peer = connect(host(1), 77);
  const IpEndpoint moved = host(1, 7001);
  (void)socket_.take();
  send_data(moved, peer.server_tag, 1);
  const auto info = heartbeat_to(moved);
  ASSERT_TRUE(info);

  send(moved, peer.server_tag, HeartbeatAckChunk{.info = *info});
  (void)socket_.take();
  send_data(moved, peer.server_tag, 2);

  EXPECT_EQ(associations_[0]->peer(), to_string(moved));
  EXPECT_THAT(types_to(socket_.sent, moved), Contains(ChunkType::Sack));
  EXPECT_THAT(owners_[0]->messages, SizeIs(2));
}

}  // namespace
}  // namespace mayfly::sctp
