#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/check.h"
#include "tests/kernel/kernel_pair.h"
#include "tests/kernel/network_namespaces.h"
#include "tests/kernel/raw_sctp.h"

namespace mayfly {
namespace {

constexpr uint16_t kPort = 9899;

// What a server keeps, besides what it listens on.
struct Holdings {
  int associations = 0;
  int sockets = 0;
  long slab_kib = 0;
};

// Packets of strangers (RFC 9260 5.1.3: a server keeps nothing before a cookie has come back).
class KernelFloodTest : public ::testing::Test {
 protected:
  void SetUp() override {
    hosts_.impair(0, {});
    hosts_.on_client([this] { raw_ = std::make_unique<RawSctp>(); });
    hosts_.on_server([] { TwoHosts::set_sysctl("sctp/valid_cookie_life", "1000"); });
    hosts_.on_server([this] { listener_ = std::move(transport_->listen({{server_}}).value()); });
    listener_->set_acceptor([this](std::unique_ptr<Association> accepted) {
      accepted_.push_back(std::move(accepted));
    });
  }
  void TearDown() override {
    hosts_.on_server([] { TwoHosts::set_sysctl("sctp/valid_cookie_life", "60000"); });
  }

  Holdings holdings() {
    Holdings found;
    hosts_.on_server([&found] {
      std::ifstream associations("/proc/net/sctp/assocs");
      std::string line;
      std::getline(associations, line);  // the heading
      while (std::getline(associations, line)) ++found.associations;
      std::ifstream protocols("/proc/net/protocols");
      while (std::getline(protocols, line)) {
        std::istringstream words(line);
        std::string name;
        int size = 0;
        int sockets = 0;
        if (words >> name >> size >> sockets && name.starts_with("SCTP")) found.sockets += sockets;
      }
      std::ifstream memory("/proc/meminfo");
      while (std::getline(memory, line)) {
        if (line.starts_with("Slab:")) found.slab_kib = std::atol(line.c_str() + 5);
      }
    });
    return found;
  }

  // Asks for an association from this port of the client's own address.
  Invitation ask(uint16_t port) const {
    raw_->send(own(port), server_, 0, kInitChunk, init_body(port));
    const auto answer = raw_->receive(server_, port, kInitAckChunk);
    MAYFLY_CHECK(answer.has_value());
    return invitation_in(*answer).value();
  }
  void echo(uint16_t port, const Invitation& invitation) const {
    raw_->send(own(port), server_, invitation.tag, kCookieEchoChunk, invitation.cookie);
  }
  static IpEndpoint own(uint16_t port) { return TwoHosts::client_address(0, port); }

  TwoHosts& hosts_ = TwoHosts::get();
  const IpEndpoint server_ = TwoHosts::server_address(0, kPort);
  EventLoop loop_;
  std::unique_ptr<KernelTransport> transport_ =
      std::move(KernelTransport::create(loop_, loop_, loop_, {}).value());
  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<Association>> accepted_;
  std::unique_ptr<RawSctp> raw_;
};

TEST_F(KernelFloodTest, AFloodOfInitsLeavesNothingBehindAndKeepsNobodyOut) {
  MAYFLY_CHECK(std::system("ip -n server route add 198.18.0.0/15 via 10.0.0.1") == 0);
  const Holdings before = holdings();

  constexpr uint32_t kInits = 2000;
  for (uint32_t i = 0; i < kInits; ++i) {
    const IpEndpoint stranger =
        IpEndpoint::v4({198, 18, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)}, 40'000);
    raw_->send(stranger, server_, 0, kInitChunk, init_body(i + 1));
  }
  // Packets of one cable come in their order, so all INITs before it are dealt with, too.
  static_cast<void>(ask(41'000));
  const Holdings after = holdings();

  EXPECT_EQ(after.associations, before.associations);
  EXPECT_EQ(after.sockets, before.sockets);
  // An association takes the kernel some 8 KiB, so these would have taken 16 MiB.
  EXPECT_LT(after.slab_kib - before.slab_kib, 4096);
  EXPECT_TRUE(accepted_.empty());

  RecordingObserver told;
  std::unique_ptr<Association> player;
  hosts_.on_client([&] { player = std::move(transport_->connect({{server_}}).value()); });
  player->set_observer(&told);
  EXPECT_TRUE(loop_.run_until([&] { return told.connected && accepted_.size() == 1; }, 10s));
  MAYFLY_CHECK(std::system("ip -n server route delete 198.18.0.0/15") == 0);
}

TEST_F(KernelFloodTest, OnlyAGenuineAndFreshCookieMakesAnAssociation) {
  Invitation forged = ask(42'001);
  forged.cookie[forged.cookie.size() / 2] ^= std::byte{1};
  echo(42'001, forged);

  const Invitation stale = ask(42'002);
  static_cast<void>(loop_.run_until([] { return false; }, 1200ms));
  echo(42'002, stale);
  EXPECT_TRUE(raw_->receive(server_, 42'002, kErrorChunk)) << "is not told that it was stale";
  EXPECT_EQ(holdings().associations, 0);

  echo(42'003, ask(42'003));
  EXPECT_TRUE(raw_->receive(server_, 42'003, kCookieAckChunk)) << "the test cannot make any";
  EXPECT_TRUE(loop_.run_until([this] { return !accepted_.empty(); }, 10s));
  EXPECT_EQ(accepted_.size(), 1U);
}

}  // namespace
}  // namespace mayfly
