#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "tests/transport_sctp/secret_of.h"
#include "transport/sctp/packet/chunk/abort_chunk.h"
#include "transport/sctp/packet/chunk/cookie_echo_chunk.h"
#include "transport/sctp/packet/packet_builder.h"
#include "transport/sctp/socket/socket.h"

namespace mayfly::sctp {
namespace {

constexpr uint16_t kPort = 5000;
const SocketOptions kOptions = default_socket_options({});

IpEndpoint place(uint8_t host) { return IpEndpoint::v4({10, 0, 0, host}, 9899); }

LocalSide side(uint32_t tag) { return {kPort, VerificationTag(tag), Tsn(1000 * tag)}; }

// A host with at most one association, that answers INITs and takes cookies back (RFC 9260 5.2).
struct Host {
  explicit Host(uint8_t name) : number(name), signer(CookieSecret{std::byte{name}}) {}

  void connect(uint8_t peer, uint32_t tag, Timestamp now) {
    socket = std::make_unique<Socket>(kOptions, side(tag), kPort,
                                      std::vector<IpEndpoint>{place(peer)}, secret_of(tag), now);
  }
  // What it sends now.
  std::deque<Bytes> take_packets(Timestamp now) {
    std::deque<Bytes> packets = std::exchange(answers, {});
    Bytes memory(2000);
    while (socket) {
      const auto packet = socket->next_packet(now, memory);
      if (!packet) break;
      packets.emplace_back(packet->bytes.begin(), packet->bytes.end());
    }
    return packets;
  }
  void receive(uint8_t from, const Bytes& bytes, Timestamp now) {
    const auto packet = PacketView::parse(bytes);
    ASSERT_TRUE(packet && packet->is_intact(ZeroChecksum::Refused));
    const auto first = packet->chunks().next();
    if (const auto init = InitChunk::parse(*first)) return receive_init(from, *init, now);
    if (const auto echo = CookieEchoChunk::parse(*first)) {
      const auto verdict = signer.verify(echo->cookie, now);
      const auto* const cookie = std::get_if<StateCookie>(&verdict);
      ASSERT_NE(cookie, nullptr);
      receive_cookie(*cookie, now);
    }
    if (socket) socket->receive(place(from), *packet, now);
  }
  void receive_init(uint8_t from, const InitChunk& init, Timestamp now) {
    InitAnswer answer{.local = side(next_tag++)};
    if (socket) {
      const auto known = socket->answer_to_init(answer.local);
      if (!known) return;
      answer = *known;
    }
    const Bytes init_ack =
        make_init_ack(kOptions, init, place(from), kPort, answer, {}, signer, now);
    Bytes memory(2000);
    PacketBuilder builder({kPort, kPort, init.initiate_tag}, memory);
    ASSERT_TRUE(builder.add(WholeChunk{init_ack}));
    const ByteView packet = builder.finish();
    answers.emplace_back(packet.begin(), packet.end());
  }
  void receive_cookie(const StateCookie& cookie, Timestamp now) {
    if (socket) {
      last_verdict = socket->on_cookie(cookie, now);
      if (last_verdict != Socket::CookieVerdict::Restart) return;
      socket->on_restart();
      before_restart = std::move(socket);
    }
    socket = std::make_unique<Socket>(kOptions, cookie, secret_of(number), now);
  }

  uint8_t number;
  CookieSigner signer;
  uint32_t next_tag = 100;
  std::unique_ptr<Socket> socket;
  std::unique_ptr<Socket> before_restart;
  std::optional<Socket::CookieVerdict> last_verdict;
  std::deque<Bytes> answers;
};

class SetUpTest : public ::testing::Test {
 protected:
  void deliver(Host& from, Host& to, const std::deque<Bytes>& packets) {
    for (const Bytes& packet : packets) to.receive(from.number, packet, now_);
  }
  // Packets cross until nobody sends any more.
  void settle() {
    for (int round = 0; round < 20; ++round) {
      const auto from_a = a_.take_packets(now_);
      const auto from_b = b_.take_packets(now_);
      if (from_a.empty() && from_b.empty()) return;
      deliver(a_, b_, from_a);
      deliver(b_, a_, from_b);
      now_ += 10ms;
    }
  }
  // A message each way arrives.
  void expect_traffic() {
    for (auto [from, to] : {std::pair(&a_, &b_), std::pair(&b_, &a_)}) {
      ASSERT_TRUE(from->socket->send({StreamId(1), Ppid(1), Bytes(100)}, {}, now_));
      settle();
      ASSERT_TRUE(to->socket->has_message());
      EXPECT_EQ(to->socket->take_message().payload.size(), 100U);
    }
  }
  static bool is_closed(Socket& socket) {
    bool closed = false;
    while (const auto event = socket.next_event()) {
      closed = closed || std::holds_alternative<Socket::Closed>(*event);
    }
    return closed;
  }

  Timestamp now_{1s};
  Host a_{1};
  Host b_{2};
};

TEST_F(SetUpTest, MakesAnAssociationOfACookieAlone) {  // RFC 9260 5.1
  a_.connect(2, 1, now_);
  settle();

  ASSERT_TRUE(b_.socket);
  EXPECT_EQ(a_.socket->state(), SocketState::Established);
  EXPECT_EQ(b_.socket->state(), SocketState::Established);
  expect_traffic();
}

TEST_F(SetUpTest, RemembersNothingOfAnInit) {  // RFC 9260 5.1.3
  a_.connect(2, 1, now_);
  deliver(a_, b_, a_.take_packets(now_));

  EXPECT_FALSE(b_.socket);
  EXPECT_EQ(b_.answers.size(), 1U);
}

TEST_F(SetUpTest, BecomesOneAssociationWhenBothBeginAtOnce) {  // RFC 9260 5.2.1, 5.2.4 B and D
  a_.connect(2, 1, now_);
  b_.connect(1, 2, now_);
  settle();

  EXPECT_EQ(a_.socket->state(), SocketState::Established);
  EXPECT_EQ(b_.socket->state(), SocketState::Established);
  EXPECT_EQ(a_.socket->local().tag, VerificationTag(1));
  EXPECT_EQ(a_.socket->peer_tag(), VerificationTag(2));
  EXPECT_EQ(b_.socket->peer_tag(), VerificationTag(1));
  expect_traffic();
}

TEST_F(SetUpTest, BeginsAnewWithAPeerThatHasRestarted) {  // RFC 9260 5.2.2, 5.2.4 A
  a_.connect(2, 1, now_);
  settle();
  a_.connect(2, 3, now_);  // it has forgotten everything
  settle();

  EXPECT_EQ(b_.last_verdict, Socket::CookieVerdict::Restart);
  ASSERT_TRUE(b_.before_restart);
  EXPECT_TRUE(is_closed(*b_.before_restart));
  EXPECT_EQ(a_.socket->state(), SocketState::Established);
  EXPECT_EQ(b_.socket->peer_tag(), VerificationTag(3));
  expect_traffic();
}

TEST_F(SetUpTest, AnswersACookieThatCameTwice) {  // RFC 9260 5.2.4 D: the COOKIE ACK was lost
  a_.connect(2, 1, now_);
  deliver(a_, b_, a_.take_packets(now_));
  deliver(b_, a_, b_.take_packets(now_));
  const auto echo = a_.take_packets(now_);
  deliver(a_, b_, echo);
  (void)b_.take_packets(now_);  // lost
  deliver(a_, b_, echo);
  settle();

  EXPECT_EQ(b_.last_verdict, Socket::CookieVerdict::Taken);
  EXPECT_EQ(a_.socket->state(), SocketState::Established);
  expect_traffic();
}

TEST_F(SetUpTest, TakesOneOfTwoAnswersToItsInit) {  // RFC 9260 5.2.3
  a_.connect(2, 1, now_);
  deliver(a_, b_, a_.take_packets(now_));
  const auto first_answer = b_.take_packets(now_);
  a_.socket->on_time(now_ + 300ms);
  deliver(a_, b_, a_.take_packets(now_ + 300ms));  // the INIT again, answered with another tag
  deliver(b_, a_, b_.take_packets(now_));
  deliver(b_, a_, first_answer);
  settle();

  EXPECT_EQ(a_.socket->state(), SocketState::Established);
  expect_traffic();
}

TEST_F(SetUpTest, TakesNoPacketWithAnotherTag) {  // RFC 9260 8.5
  a_.connect(2, 1, now_);
  settle();
  Bytes memory(200);
  PacketBuilder builder({kPort, kPort, VerificationTag(4711)}, memory);
  ASSERT_TRUE(builder.add(AbortChunk{.tag_is_reflected = false, .causes = {}}));
  const ByteView forged = builder.finish();

  b_.receive(1, Bytes(forged.begin(), forged.end()), now_);

  EXPECT_EQ(b_.socket->state(), SocketState::Established);
  expect_traffic();
}

TEST_F(SetUpTest, SaysGoodbyeInGoodOrder) {  // RFC 9260 9.2
  a_.connect(2, 1, now_);
  settle();
  ASSERT_TRUE(a_.socket->send({StreamId(1), Ppid(1), Bytes(10'000)}, {}, now_));

  a_.socket->shutdown(now_);
  settle();

  EXPECT_TRUE(b_.socket->has_message());
  EXPECT_EQ(a_.socket->state(), SocketState::Closed);
  EXPECT_EQ(b_.socket->state(), SocketState::Closed);
}

}  // namespace
}  // namespace mayfly::sctp
