#include "runtime/event_loop.h"
#include "runtime/udp_socket.h"
#include "tests/transport/association_contract.h"
#include "transport/usrsctp/usrsctp_stack.h"
#include "transport/usrsctp/usrsctp_transport.h"

namespace mayfly {
namespace {

std::unique_ptr<UdpSocket> bind_loopback(EventLoop& loop) {
  auto socket = UdpSocket::bind(loop, IpEndpoint::loopback_v4(0));
  EXPECT_TRUE(socket) << socket.error().message;
  return std::move(*socket);
}

// usrsctp at both ends of the loopback interface, on the wall's time. It has no link to impair.
class UdpEnvironment final : public ContractEnvironment {
 public:
  explicit UdpEnvironment(const TransportOptions& options)
      : server_(stack_, *server_socket_, options), client_(stack_, *client_socket_, options) {}

  [[nodiscard]] Transport& server() override { return server_; }
  [[nodiscard]] Transport& client() override { return client_; }
  [[nodiscard]] TransportAddress server_address() const override {
    return {{server_socket_->local()}};
  }
  [[nodiscard]] TransportAddress deserted_address() const override {
    return {{deaf_socket_->local()}};
  }
  [[nodiscard]] bool set_link(const Link&) override { return false; }
  [[nodiscard]] bool run_until(const std::function<bool()>& done, Duration limit) override {
    return loop_.run_until(done, limit);
  }

 private:
  EventLoop loop_;
  std::unique_ptr<UdpSocket> server_socket_ = bind_loopback(loop_);
  std::unique_ptr<UdpSocket> client_socket_ = bind_loopback(loop_);
  std::unique_ptr<UdpSocket> deaf_socket_ = bind_loopback(loop_);
  UsrsctpStack stack_{loop_, loop_, loop_};
  UsrsctpTransport server_;
  UsrsctpTransport client_;
};

std::unique_ptr<ContractEnvironment> make_environment(const TransportOptions& options) {
  return std::make_unique<UdpEnvironment>(options);
}

INSTANTIATE_TEST_SUITE_P(UsrsctpOverUdp, AssociationContract, ::testing::Values(&make_environment));

}  // namespace
}  // namespace mayfly
