#include "tests/bench/bench_hosts.h"

#include <algorithm>

#include "core/check.h"
#include "transport/sctp/engine_transport.h"
#include "transport/usrsctp/usrsctp_transport.h"

namespace mayfly {

const char* to_string(BenchStack stack) {
  return stack == BenchStack::Engine ? "engine" : "usrsctp";
}

BenchHost make_bench_host(EventLoop& loop, BenchStack stack, UsrsctpStack* usrsctp,
                          const TransportOptions& options, const UdpSocketOptions& socket_options) {
  BenchHost host;
  auto socket = UdpSocket::bind(loop, IpEndpoint::loopback_v4(0), socket_options);
  MAYFLY_CHECK(socket.has_value());
  host.socket = *std::move(socket);
  if (stack == BenchStack::Engine) {
    host.transport = std::make_unique<EngineTransport>(
        loop, loop, *host.socket, sctp::default_socket_options(options), sctp::CookieSecret{});
  } else {
    host.transport = std::make_unique<UsrsctpTransport>(*usrsctp, *host.socket, options);
  }
  return host;
}

BenchPair::BenchPair(BenchStack stack, const TransportOptions& options) {
  if (stack == BenchStack::Usrsctp) usrsctp_.emplace(loop_, loop_, loop_);
  UsrsctpStack* const usrsctp = usrsctp_ ? &*usrsctp_ : nullptr;
  server_ = make_bench_host(loop_, stack, usrsctp, options);
  client_ = make_bench_host(loop_, stack, usrsctp, options);
  auto listener = server_.transport->listen({{server_.socket->local()}});
  MAYFLY_CHECK(listener.has_value());
  listener_ = *std::move(listener);
  listener_->set_acceptor([this](std::unique_ptr<Association> association) {
    servers_.push_back({.association = std::move(association),
                        .told = std::make_unique<BenchObserver>(&received_)});
    servers_.back().association->set_observer(servers_.back().told.get());
  });
}

bool BenchPair::connect(size_t associations) {
  for (size_t i = 0; i < associations; ++i) {
    auto association = client_.transport->connect({{server_.socket->local()}});
    if (!association) return false;
    clients_.push_back({.association = *std::move(association),
                        .told = std::make_unique<BenchObserver>(&received_by_clients_)});
    clients_.back().association->set_observer(clients_.back().told.get());
  }
  const auto is_up = [](const BenchEnd& end) { return end.told->connected; };
  return loop_.run_until(
      [&] {
        return servers_.size() == clients_.size() && std::ranges::all_of(clients_, is_up) &&
               std::ranges::all_of(servers_, is_up);
      },
      60s);
}

bool BenchPair::carry(size_t bytes, size_t message_bytes) {
  const size_t messages = std::max<size_t>(bytes / message_bytes / clients_.size(), 1);
  const uint64_t wanted = received_ + messages * clients_.size() * message_bytes;
  for (size_t i = 0; i < messages; ++i) {
    for (BenchEnd& client : clients_) {
      if (!client.association->send({StreamId(1), Ppid(1), Bytes(message_bytes)}, {})) return false;
    }
  }
  return loop_.run_until([&] { return received_ == wanted; }, 60s);
}

bool BenchPair::close() {
  clients_.clear();
  const bool done = loop_.run_until(
      [this] {
        return std::ranges::all_of(servers_, [](const BenchEnd& end) { return end.told->closed; });
      },
      60s);
  servers_.clear();
  return done;
}

}  // namespace mayfly
