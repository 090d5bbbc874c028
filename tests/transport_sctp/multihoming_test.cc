// One end that knows two addresses of the other (RFC 9260 6.4, 8.2, 8.3): packets travel between
// two Sockets over two links that can be cut.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <variant>
#include <vector>

#include "netsim/simulation.h"
#include "tests/transport_sctp/secret_of.h"
#include "transport/sctp/packet/chunk/cookie_echo_chunk.h"
#include "transport/sctp/packet/packet_builder.h"
#include "transport/sctp/socket/socket.h"

namespace mayfly::sctp {
namespace {

constexpr uint16_t kPort = 5000;
constexpr Duration kDelay = 10ms;
const IpEndpoint kClient = IpEndpoint::v4({10, 0, 0, 9}, 9899);
const std::vector<IpEndpoint> kServer = {IpEndpoint::v4({10, 0, 0, 1}, 9899),
                                         IpEndpoint::v4({10, 1, 0, 1}, 9899)};

class MultihomingTest : public ::testing::Test {
 protected:
  MultihomingTest() : timer_(simulation_.create([this] { pump(); })) {
    client_ = std::make_unique<Socket>(options_, LocalSide{kPort, VerificationTag(1), Tsn(1)},
                                       kPort, kServer, secret_of(1), simulation_.now());
    pump();
    run_for(2s);
  }

  void run_for(Duration duration) { simulation_.run_for(duration); }
  void send(size_t bytes) {
    ASSERT_TRUE(client_->send({StreamId(1), Ppid(1), Bytes(bytes)}, {}, simulation_.now()));
    pump();
  }
  void pump() {
    for (Socket* const each : {client_.get(), server_.get()}) {
      if (each == nullptr) continue;
      each->on_time(simulation_.now());
      transmit(*each);
      while (each->has_message()) received_ += each->take_message().payload.size();
      while (const auto event = each->next_event()) note(*each, *event);
    }
    rearm();
  }
  [[nodiscard]] size_t count(TransportEventKind kind, size_t path) const {
    const auto found = events_.find({kind, to_string(kServer[path])});
    return found == events_.end() ? 0 : found->second;
  }

  SocketOptions options_ = [] {
    TransportOptions transport;
    transport.path_max_retransmissions = 3;
    transport.heartbeat_interval = 500ms;
    return default_socket_options(transport);
  }();
  Simulation simulation_;
  std::unique_ptr<Timer> timer_;
  CookieSigner signer_{secret_of(2)};
  std::unique_ptr<Socket> client_;
  std::unique_ptr<Socket> server_;
  std::array<bool, 2> cut_{};
  std::array<size_t, 2> bytes_on_{};
  size_t received_ = 0;
  bool closed_ = false;
  std::map<std::pair<TransportEventKind, std::string>, size_t> events_;  // of the client

 private:
  void rearm() {
    timer_->stop();
    std::optional<Timestamp> next;
    for (Socket* const each : {client_.get(), server_.get()}) {
      if (each == nullptr) continue;
      const auto at = each->next_time(simulation_.now());
      if (at) next = next ? std::min(*next, *at) : *at;
    }
    if (next) timer_->start(std::max(*next - simulation_.now(), Duration::zero()));
  }
  void note(const Socket& socket, const Socket::Event& event) {
    if (std::holds_alternative<Socket::Closed>(event)) closed_ = true;
    const auto* const told = std::get_if<TransportEvent>(&event);
    if (told != nullptr && &socket == client_.get()) ++events_[{told->kind, told->address}];
  }
  // What the server sends comes from the address that was written to last, as a host's routes have
  // it.
  void transmit(Socket& from) {
    Bytes memory(2000);
    while (const auto packet = from.next_packet(simulation_.now(), memory)) {
      const bool to_server = &from == client_.get();
      const size_t path = !to_server ? heard_on_ : packet->to == kServer[0] ? 0 : 1;
      if (cut_[path]) continue;
      bytes_on_[path] += to_server ? packet->bytes.size() : 0;
      const Bytes bytes(packet->bytes.begin(), packet->bytes.end());
      (void)simulation_.at(simulation_.now() + kDelay, [this, to_server, path, bytes] {
        to_server ? arrive_at_server(path, bytes) : arrive_at_client(path, bytes);
        pump();
      });
    }
  }
  void arrive_at_client(size_t path, const Bytes& bytes) {
    client_->receive(kServer[path], *PacketView::parse(bytes), simulation_.now());
  }
  void arrive_at_server(size_t path, const Bytes& bytes) {
    const auto packet = PacketView::parse(bytes);
    const auto first = packet->chunks().next();
    heard_on_ = path;
    if (const auto init = InitChunk::parse(*first)) {
      const Bytes answer = make_init_ack(options_, *init, kClient, kPort,
                                         {.local = {kPort, VerificationTag(2), Tsn(1)}}, {},
                                         signer_, simulation_.now());
      Bytes memory(2000);
      PacketBuilder builder({kPort, kPort, init->initiate_tag}, memory);
      ASSERT_TRUE(builder.add(WholeChunk{answer}));
      const ByteView made = builder.finish();
      return arrive_at_client(path, Bytes(made.begin(), made.end()));
    }
    if (const auto echo = CookieEchoChunk::parse(*first); echo && server_ == nullptr) {
      const auto cookie = signer_.verify(echo->cookie, simulation_.now());
      server_ = std::make_unique<Socket>(options_, std::get<StateCookie>(cookie), secret_of(3),
                                         simulation_.now());
    }
    if (server_) server_->receive(kClient, *packet, simulation_.now());
  }

  size_t heard_on_ = 0;
};

TEST_F(MultihomingTest, ConfirmsTheSecondAddressAndSendsToTheFirst) {  // RFC 9260 5.4, 6.4
  ASSERT_EQ(client_->paths().size(), 2U);
  EXPECT_TRUE(client_->paths()[1].is_active());
  EXPECT_EQ(count(TransportEventKind::PathConfirmed, 1), 1U);
  bytes_on_ = {};

  send(100'000);
  run_for(2s);

  EXPECT_EQ(received_, 100'000U);
  EXPECT_GT(bytes_on_[0], 100'000U);
  EXPECT_LT(bytes_on_[1], 1'000U);
}

TEST_F(MultihomingTest, GoesOnOverTheOtherAddressWithinASecond) {  // RFC 9260 6.4.1, RFC 7829
  send(50'000);
  run_for(1s);
  cut_[0] = true;

  send(50'000);
  run_for(1s);

  EXPECT_EQ(received_, 100'000U);
  EXPECT_FALSE(closed_);
  EXPECT_EQ(client_->data_path(), 1);
}

TEST_F(MultihomingTest,
       TellsOfAnAddressThatFallsSilentAndReturnsToThePrimary) {  // RFC 9260 8.2, 8.3
  cut_[0] = true;
  send(10'000);
  run_for(10s);
  EXPECT_EQ(count(TransportEventKind::PathUnreachable, 0), 1U);
  EXPECT_FALSE(client_->paths()[0].is_active());
  EXPECT_FALSE(closed_);

  cut_[0] = false;
  run_for(2s);

  EXPECT_EQ(count(TransportEventKind::PathReachable, 0), 1U);
  EXPECT_EQ(client_->data_path(), client_->primary());
}

TEST_F(MultihomingTest, IsLostWhenBothAddressesFallSilent) {  // RFC 9260 8.1
  cut_ = {true, true};
  send(10'000);

  run_for(60s);

  EXPECT_TRUE(closed_);
  EXPECT_EQ(client_->state(), SocketState::Closed);
}

}  // namespace
}  // namespace mayfly::sctp
