// The rules of docs/FIREWALLS.md, as they stand there, with associations through them.
#include <gtest/gtest.h>

#include <regex>

#include "runtime/udp_socket.h"
#include "tests/kernel/documented_rules.h"
#include "tests/kernel/gate.h"
#include "tests/kernel/kernel_pair.h"
#include "transport/usrsctp/usrsctp_stack.h"
#include "transport/usrsctp/usrsctp_transport.h"

namespace mayfly {
namespace {

constexpr uint16_t kPort = 9899;  // of the document
constexpr uint32_t kMessages = 20;
constexpr uint16_t kFewAttempts = 4;  // a second and a half

enum class Stack : uint8_t { Native, KernelOverUdp, Usrsctp };

// A server and a player, each on a host and a stack of its own.
class Meeting {
 public:
  using Place = std::function<void(const std::function<void()>&)>;
  struct Side {
    Stack stack;
    Place at;
  };

  // `attempts`: after how many the player gives up; few where it is to be seen that it must.
  Meeting(const Side& server, const Side& player, uint16_t attempts = 8)
      : server_side_(server), player_side_(player), attempts_(attempts) {}

  // Whether the association came up before the player gave up.
  [[nodiscard]] bool connect(const IpEndpoint& listen_at, const IpEndpoint& connect_to) {
    server_side_.at([&] {
      transport_of_server_ = transport_on(server_side_.stack, listen_at);
      listener_ = std::move(transport_of_server_->listen({{listen_at}}).value());
    });
    listener_->set_acceptor([this](std::unique_ptr<Association> accepted) {
      server_ = std::move(accepted);
      server_->set_observer(&server_told_);
    });
    return connect_again(connect_to);
  }

  // The player once more, while the server goes on to listen.
  [[nodiscard]] bool connect_again(const IpEndpoint& connect_to) {
    player_.reset();
    player_told_ = {};
    player_side_.at([&] {
      if (!transport_of_player_) {
        transport_of_player_ = transport_on(player_side_.stack, IpEndpoint::any_v4(0));
      }
      player_ = std::move(transport_of_player_->connect({{connect_to}}).value());
    });
    player_->set_observer(&player_told_);
    const auto up = [this] { return player_told_.connected && server_told_.connected; };
    return loop_.run_until([&] { return up() || player_told_.closed; }, 10s) && up();
  }

  // Whether messages arrive both ways.
  [[nodiscard]] bool talk() {
    player_told_.messages.clear();
    server_told_.messages.clear();
    for (uint32_t i = 0; i < kMessages; ++i) {
      EXPECT_TRUE(player_->send(message_of(1, patterned(1000, i)), {}));
      EXPECT_TRUE(server_->send(message_of(1, patterned(1000, i)), {}));
      static_cast<void>(loop_.run_until([] { return false; }, 5ms));
    }
    return loop_.run_until(
        [&] {
          return player_told_.messages.size() == kMessages &&
                 server_told_.messages.size() == kMessages;
        },
        10s);
  }

 private:
  std::unique_ptr<Transport> transport_on(Stack stack, const IpEndpoint& local) {
    TransportOptions options;
    options.rto_initial = 100ms;
    options.max_init_attempts = attempts_;
    if (stack == Stack::Usrsctp) {
      sockets_.push_back(std::move(UdpSocket::bind(loop_, local).value()));
      if (!usrsctp_) usrsctp_ = std::make_unique<UsrsctpStack>(loop_, loop_, loop_);
      return std::make_unique<UsrsctpTransport>(*usrsctp_, *sockets_.back(), options);
    }
    KernelTransportOptions kernel;
    if (stack == Stack::KernelOverUdp) kernel.udp_encapsulation_port = kPort;
    return std::move(KernelTransport::create(loop_, loop_, loop_, options, kernel).value());
  }

  const Side server_side_, player_side_;
  const uint16_t attempts_;
  EventLoop loop_;
  std::vector<std::unique_ptr<UdpSocket>> sockets_;
  std::unique_ptr<UsrsctpStack> usrsctp_;
  std::unique_ptr<Transport> transport_of_server_, transport_of_player_;
  std::unique_ptr<Listener> listener_;
  RecordingObserver player_told_, server_told_;
  std::unique_ptr<Association> player_, server_;
};

class FirewallTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { gate_ = std::make_unique<Gate>(); }
  static void TearDownTestSuite() { gate_.reset(); }
  void SetUp() override {
    hosts_.impair(0, {});
    gate_->clear();
  }

  static void apply(const std::string& host, const std::string& name) {
    gate_->run(host, documented_rules(name));
  }
  // The guest's kernel has nftables for bridges only, so rules that hosts would have are put on a
  // bridge that everything passes; what they match and in which order stays.
  static void apply_on_bridge(const std::string& name) {
    std::string rules = documented_rules(name);
    rules = std::regex_replace(rules, std::regex(" inet "), " bridge ");
    rules = std::regex_replace(rules, std::regex("hook input"), "hook forward");
    gate_->run("bridge", rules);
  }

  Meeting::Side on_server(Stack stack) {
    if (stack == Stack::KernelOverUdp) apply("server", "kernel udp port");
    return {stack, [this](const auto& work) { hosts_.on_server(work); }};
  }
  Meeting::Side on_client(Stack stack) {
    if (stack == Stack::KernelOverUdp) apply("client", "kernel udp port");
    return {stack, [this](const auto& work) { hosts_.on_client(work); }};
  }

  // A router forgot the flow and gives the player another port from now on.
  static void rebind() {
    gate_->run("gate",
               "iptables -t nat -F POSTROUTING\n"
               "iptables -t nat -A POSTROUTING -o wan0 -p udp -j MASQUERADE "
               "--to-ports 50000-50999\n"
               "conntrack -F\n");
  }
  static void expect_rebound() { gate_->run("gate", "conntrack -L -p udp | grep -q dport=50\n"); }

  static std::unique_ptr<Gate> gate_;
  TwoHosts& hosts_ = TwoHosts::get();
};

std::unique_ptr<Gate> FirewallTest::gate_;

TEST_F(FirewallTest, NativeSctpPassesWhereItsPortIsOpen) {
  apply("server", "default drop, iptables");
  apply("client", "default drop, iptables");
  Meeting meeting(on_server(Stack::Native), on_client(Stack::Native), kFewAttempts);
  const IpEndpoint address = TwoHosts::server_address(0, kPort);

  EXPECT_FALSE(meeting.connect(address, address)) << "the firewall stops nothing";
  apply("server", "open sctp, iptables");

  ASSERT_TRUE(meeting.connect_again(address));
  EXPECT_TRUE(meeting.talk());
}

TEST_F(FirewallTest, SctpOverUdpPassesWhereItsPortIsOpen) {
  apply("server", "default drop, iptables");
  apply("client", "default drop, iptables");
  Meeting meeting(on_server(Stack::Usrsctp), on_client(Stack::KernelOverUdp), kFewAttempts);
  const IpEndpoint address = TwoHosts::server_address(0, kPort);

  EXPECT_FALSE(meeting.connect(address, address)) << "the firewall stops nothing";
  apply("server", "open udp, iptables");

  ASSERT_TRUE(meeting.connect_again(address));
  EXPECT_TRUE(meeting.talk());
}

TEST_F(FirewallTest, NftablesRulesLetPassWhatTheySay) {
  gate_->run("bridge", "nft add table bridge filter\n");
  apply_on_bridge("default drop, nftables");
  gate_->run("bridge", "nft add rule bridge filter input ether type arp accept\n");
  const IpEndpoint address = Gate::bridged_server_address(kPort);
  {
    Meeting meeting(on_server(Stack::Native), on_client(Stack::Native), kFewAttempts);
    EXPECT_FALSE(meeting.connect(address, address)) << "the firewall stops nothing";
    apply_on_bridge("open sctp, nftables");
    ASSERT_TRUE(meeting.connect_again(address));
    EXPECT_TRUE(meeting.talk());
  }
  Meeting meeting(on_server(Stack::Usrsctp), on_client(Stack::KernelOverUdp), kFewAttempts);
  EXPECT_FALSE(meeting.connect(address, address)) << "the firewall stops nothing";
  apply_on_bridge("open udp, nftables");
  ASSERT_TRUE(meeting.connect_again(address));
  EXPECT_TRUE(meeting.talk());
}

TEST_F(FirewallTest, AUsrsctpPlayerIsServedByTheKernelThroughNatAndARebinding) {
  apply("gate", "nat, iptables");
  Meeting meeting(on_server(Stack::KernelOverUdp), on_client(Stack::Usrsctp));

  ASSERT_TRUE(meeting.connect(Gate::server_address(kPort), Gate::server_address(kPort)));
  EXPECT_TRUE(meeting.talk());
  rebind();

  EXPECT_TRUE(meeting.talk());
  expect_rebound();
}

TEST_F(FirewallTest, APlayerOnTheKernelIsServedByUsrsctpThroughNatAndARebinding) {
  apply("gate", "nat, iptables");
  // A host behind NAT has private addresses only. Where it has a public one besides, Linux leaves
  // the private ones out of an association with a public host and sends from that.
  gate_->run("client", "ip address delete 203.0.113.1/24 dev bridged\n");
  Meeting meeting(on_server(Stack::Usrsctp), on_client(Stack::KernelOverUdp));

  const bool connected = meeting.connect(Gate::server_address(kPort), Gate::server_address(kPort));
  gate_->run("client", "ip address add 203.0.113.1/24 dev bridged\n");
  ASSERT_TRUE(connected);
  EXPECT_TRUE(meeting.talk());
  rebind();

  EXPECT_TRUE(meeting.talk());
  expect_rebound();
}

TEST_F(FirewallTest, AServerBehindNatIsReachedByItsForwardedPort) {
  apply("gate", "nat, iptables");
  apply("gate", "forward udp, iptables");
  // The hosts change places: the player is outside.
  Meeting meeting(on_client(Stack::KernelOverUdp), on_server(Stack::Usrsctp));

  ASSERT_TRUE(
      meeting.connect(Gate::client_address(kPort), IpEndpoint::v4({198, 51, 100, 1}, kPort)));
  EXPECT_TRUE(meeting.talk());
}

}  // namespace
}  // namespace mayfly
