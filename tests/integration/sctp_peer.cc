#include "tests/integration/sctp_peer.h"

#include <utility>

#include "core/check.h"
#include "runtime/udp_socket.h"
#include "tests/integration/transport_under_test.h"
#include "transport/kernel/kernel_transport.h"
#include "transport/usrsctp/usrsctp_stack.h"
#include "transport/usrsctp/usrsctp_transport.h"

namespace mayfly::testing {
namespace {

IpEndpoint loopback(uint16_t port) { return *IpEndpoint::parse("127.0.0.1", port); }

}  // namespace

// usrsctp with a socket of its own, or the kernel.
struct SctpPeer::Stack {
  explicit Stack(EventLoop& loop) {
    if (transport_under_test() == TransportChoice::Kernel) {
      transport = std::move(*KernelTransport::create(loop, loop, loop, {}));
      return;
    }
    socket = std::move(*UdpSocket::bind(loop, loopback(0)));
    at = socket->local();
    usrsctp = std::make_unique<UsrsctpStack>(loop, loop, loop);
    transport = std::make_unique<UsrsctpTransport>(*usrsctp, *socket);
  }

  IpEndpoint at = loopback(0);
  std::unique_ptr<PacketSocket> socket;
  std::unique_ptr<UsrsctpStack> usrsctp;
  std::unique_ptr<Transport> transport;
};

SctpPeer::SctpPeer() : stack_(std::make_unique<Stack>(loop_)) {}

SctpPeer::~SctpPeer() {
  association_.reset();
  listener_.reset();
}

void SctpPeer::connect(uint16_t port) {
  auto association = stack_->transport->connect({{loopback(port)}});
  MAYFLY_CHECK(association.has_value());
  association_ = std::move(*association);
  association_->set_observer(this);
}

uint16_t SctpPeer::listen() {
  auto listener = stack_->transport->listen({{stack_->at}});
  MAYFLY_CHECK(listener.has_value());
  listener_ = std::move(*listener);
  listener_->set_acceptor([this](std::unique_ptr<Association> association) {
    association_ = std::move(association);
    association_->set_observer(this);
  });
  return listener_->local().front().port;
}

void SctpPeer::send(const wire::ControlMessage& message) { send_bytes(wire::serialize(message)); }

void SctpPeer::send_bytes(const Bytes& message) {
  MAYFLY_CHECK(association_->send({wire::kControlStream, wire::kControlPpid, message}, {}));
}

bool SctpPeer::run_until_closed(Duration limit) {
  return loop_.run_until([this] { return closed_; }, limit);
}

void SctpPeer::on_message(Message message) {
  auto parsed = wire::parse_control(message.payload);
  if (!parsed) return;
  heard_.push_back(std::move(*parsed));
  when_heard();
}

void SctpPeer::on_closed(const Error&) { closed_ = true; }

}  // namespace mayfly::testing
