#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/udp_socket.h"
#include "tests/kernel/kernel_pair.h"
#include "tests/kernel/network_namespaces.h"
#include "transport/usrsctp/usrsctp_stack.h"
#include "transport/usrsctp/usrsctp_transport.h"

namespace mayfly {
namespace {

constexpr uint16_t kServerPort = 9899;
constexpr uint16_t kClientPort = 9898;

struct Encounter {
  bool kernel_listens = true;
  const char* loss = "0%";
};

void PrintTo(const Encounter& encounter, std::ostream* out) {
  *out << (encounter.kernel_listens ? "kernel listens, " : "usrsctp listens, ") << encounter.loss;
}

// usrsctp on one host and the kernel on the other, over UDP (RFC 6951).
class InteroperationTest : public ::testing::TestWithParam<Encounter> {
 protected:
  using Place = std::function<void(const std::function<void()>&)>;

  void SetUp() override { hosts_.impair(0, {}); }
  void TearDown() override {
    client_.reset();
    server_.reset();
    listener_.reset();
    at_kernel([] { TwoHosts::set_sysctl("sctp/udp_port", "0"); });
  }

  void at_kernel(const std::function<void()>& work) {
    GetParam().kernel_listens ? hosts_.on_server(work) : hosts_.on_client(work);
  }
  void at_usrsctp(const std::function<void()>& work) {
    GetParam().kernel_listens ? hosts_.on_client(work) : hosts_.on_server(work);
  }

  void make_transports() {
    const bool kernel_listens = GetParam().kernel_listens;
    at_kernel([&] {
      TwoHosts::set_sysctl("sctp/udp_port",
                           std::to_string(kernel_listens ? kServerPort : kClientPort));
    });
    auto kernel = KernelTransport::create(
        loop_, loop_, loop_, {},
        {.udp_encapsulation_port = kernel_listens ? kClientPort : kServerPort});
    ASSERT_TRUE(kernel.has_value()) << kernel.error().message;
    kernel_ = std::move(*kernel);
    at_usrsctp([&] {
      auto socket =
          UdpSocket::bind(loop_, kernel_listens ? TwoHosts::client_address(0, kClientPort)
                                                : TwoHosts::server_address(0, kServerPort));
      ASSERT_TRUE(socket.has_value()) << socket.error().message;
      socket_ = std::move(*socket);
    });
    stack_ = std::make_unique<UsrsctpStack>(loop_, loop_, loop_);
    usrsctp_ = std::make_unique<UsrsctpTransport>(*stack_, *socket_);
  }

  void connect() {
    ASSERT_NO_FATAL_FAILURE(make_transports());
    Transport& listening = GetParam().kernel_listens ? static_cast<Transport&>(*kernel_)
                                                     : static_cast<Transport&>(*usrsctp_);
    Transport& connecting = GetParam().kernel_listens ? static_cast<Transport&>(*usrsctp_)
                                                      : static_cast<Transport&>(*kernel_);
    const TransportAddress address{{TwoHosts::server_address(0, kServerPort)}};
    hosts_.on_server([&] {
      auto listener = listening.listen(address);
      ASSERT_TRUE(listener.has_value()) << listener.error().message;
      listener_ = std::move(*listener);
    });
    listener_->set_acceptor([this](std::unique_ptr<Association> accepted) {
      server_ = std::move(accepted);
      server_->set_observer(&server_told_);
    });
    hosts_.on_client([&] {
      auto client = connecting.connect(address);
      ASSERT_TRUE(client.has_value()) << client.error().message;
      client_ = std::move(*client);
    });
    client_->set_observer(&client_told_);
    ASSERT_TRUE(
        loop_.run_until([this] { return client_told_.connected && server_told_.connected; }, 10s))
        << (client_told_.closed ? client_told_.closed->message : "no answer");
  }

  TwoHosts& hosts_ = TwoHosts::get();
  EventLoop loop_;
  std::unique_ptr<KernelTransport> kernel_;
  std::unique_ptr<UdpSocket> socket_;
  std::unique_ptr<UsrsctpStack> stack_;
  std::unique_ptr<UsrsctpTransport> usrsctp_;
  std::unique_ptr<Listener> listener_;
  RecordingObserver client_told_, server_told_;
  std::unique_ptr<Association> client_, server_;
};

size_t count_on(const RecordingObserver& told, uint16_t stream) {
  return static_cast<size_t>(
      std::count_if(told.messages.begin(), told.messages.end(),
                    [stream](const Message& each) { return each.stream == StreamId(stream); }));
}

// Of a hundred messages that live 60 ms, a pair each 10 ms. Without loss a busy machine may be late
// for some. With it, a lost retransmission stops everything for RTO.max, 400 ms: forty pairs; two
// of these and the slow start after them leave a fifth, and a stack that forwards past what it
// should leaves none.
size_t least_expiring(const std::string& loss) { return loss == "0%" ? 50 : 10; }

TEST_P(InteroperationTest, ReliableMessagesArriveBesideExpiringOnesBothWays) {
  ASSERT_NO_FATAL_FAILURE(connect());
  hosts_.impair(0, {.delay = "10ms", .loss = GetParam().loss});

  constexpr uint32_t kRounds = 100;
  for (uint32_t i = 0; i < kRounds; ++i) {
    for (Association* each : {client_.get(), server_.get()}) {
      ASSERT_TRUE(each->send(message_of(1, patterned(1000, i)), {}));
      ASSERT_TRUE(each->send(message_of(2, patterned(1000, i)),
                             {.ordered = false, .lifetime = 60ms, .priority = 1}));
    }
    (void)loop_.run_until([] { return false; }, 10ms);
  }
  ASSERT_TRUE(client_->send(message_of(3, patterned(100'000, 7)), {}));
  ASSERT_TRUE(server_->send(message_of(3, patterned(100'000, 8)), {}));

  ASSERT_TRUE(loop_.run_until(
      [&] { return count_on(client_told_, 3) == 1 && count_on(server_told_, 3) == 1; }, 20s));
  ASSERT_TRUE(loop_.run_until(
      [&] { return count_on(client_told_, 1) == kRounds && count_on(server_told_, 1) == kRounds; },
      20s));
  for (const RecordingObserver* told : {&client_told_, &server_told_}) {
    uint32_t next = 0;
    for (const Message& each : told->messages) {
      if (each.stream == StreamId(1)) {
        EXPECT_EQ(each.payload, patterned(1000, next++));
      }
    }
    EXPECT_GT(count_on(*told, 2), least_expiring(GetParam().loss));
  }
  EXPECT_EQ(client_told_.closed, std::nullopt);
  EXPECT_EQ(server_told_.closed, std::nullopt);
}

TEST_P(InteroperationTest, ShutdownEndsBothSidesInGoodOrder) {
  ASSERT_NO_FATAL_FAILURE(connect());
  ASSERT_TRUE(client_->send(message_of(1, patterned(50'000, 1)), {}));

  client_->shutdown();

  ASSERT_TRUE(loop_.run_until([&] { return client_told_.closed && server_told_.closed; }, 10s));
  EXPECT_EQ(client_told_.closed->code, ErrorCode::Closed) << client_told_.closed->message;
  EXPECT_EQ(server_told_.closed->code, ErrorCode::Closed) << server_told_.closed->message;
  EXPECT_EQ(count_on(server_told_, 1), 1U);
}

INSTANTIATE_TEST_SUITE_P(UsrsctpAndKernel, InteroperationTest,
                         ::testing::Values(Encounter{true, "0%"}, Encounter{true, "5%"},
                                           Encounter{false, "0%"}, Encounter{false, "5%"}));

}  // namespace
}  // namespace mayfly
