#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "netsim/impaired_socket.h"
#include "runtime/event_loop.h"
#include "runtime/udp_socket.h"

namespace mayfly {
namespace {

constexpr Duration kLimit = 20s;

// What `--impair` puts under a player: the models of the simulation, on real sockets and the wall's
// clock.
class ImpairedUdpTest : public testing::Test {
 protected:
  void impair(std::string_view spec) {
    auto socket = UdpSocket::bind(loop_, IpEndpoint::loopback_v4(0));
    ASSERT_TRUE(socket.has_value()) << socket.error().message;
    const auto path = parse_path_model(spec);
    ASSERT_TRUE(path.has_value()) << path.error().message;
    player_ = std::make_unique<ImpairedSocket>(*std::move(socket), *path, loop_, loop_);
  }
  void SetUp() override {
    auto socket = UdpSocket::bind(loop_, IpEndpoint::loopback_v4(0));
    ASSERT_TRUE(socket.has_value()) << socket.error().message;
    server_ = *std::move(socket);
  }

  EventLoop loop_;
  std::unique_ptr<UdpSocket> server_;
  std::unique_ptr<ImpairedSocket> player_;
};

TEST_F(ImpairedUdpTest, DelaysPacketsOnTheWallsClockBothWays) {
  impair("up.delay=20ms,down.delay=10ms");
  const Timestamp start = loop_.now();
  std::optional<Duration> arrived;
  std::optional<Duration> returned;
  server_->set_receiver([&](const IpEndpoint& from, ByteView packet) {
    arrived = loop_.now() - start;
    server_->send(from, packet);
  });
  player_->set_receiver([&](const IpEndpoint&, ByteView) { returned = loop_.now() - start; });

  player_->send(server_->local(), as_bytes("ping"));
  ASSERT_TRUE(loop_.run_until([&] { return returned.has_value(); }, kLimit));

  EXPECT_GE(*arrived, 20ms);
  EXPECT_GE(*returned, *arrived + 10ms);
}

TEST_F(ImpairedUdpTest, LosesWhatTheModelLosesAndNothingElse) {
  impair("up.pattern=0110,delay=2ms");
  std::string received;
  server_->set_receiver([&](const IpEndpoint&, ByteView packet) { received += as_text(packet); });

  for (const char* text : {"0", "1", "2", "3", "4", "5", "6", "7"}) {
    player_->send(server_->local(), as_bytes(text));
  }
  ASSERT_TRUE(loop_.run_until([&] { return received.size() == 4; }, kLimit));

  EXPECT_EQ(received, "0347");
  EXPECT_EQ(player_->stats().up.lost, 4U);
}

TEST_F(ImpairedUdpTest, HoldsTheRateOfTheModel) {
  // 972 bytes and 28 of headers: 1 ms each at 8 Mbit/s.
  impair("up.rate=8Mbit/s");
  const Timestamp start = loop_.now();
  std::vector<Duration> arrivals;
  server_->set_receiver(
      [&](const IpEndpoint&, ByteView) { arrivals.push_back(loop_.now() - start); });

  for (int i = 0; i < 20; ++i) player_->send(server_->local(), Bytes(972));
  ASSERT_TRUE(loop_.run_until([&] { return arrivals.size() == 20; }, kLimit));

  for (size_t i = 0; i < arrivals.size(); ++i) {
    EXPECT_GE(arrivals[i], static_cast<int64_t>(i + 1) * 1ms) << "packet " << i;
  }
}

}  // namespace
}  // namespace mayfly
