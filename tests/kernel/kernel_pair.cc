#include "tests/kernel/kernel_pair.h"

#include <gtest/gtest.h>

#include "core/check.h"

namespace mayfly {

namespace {

std::unique_ptr<KernelTransport> transport_on(EventLoop& loop, const TransportOptions& options,
                                              const KernelTransportOptions& kernel_options) {
  auto created = KernelTransport::create(loop, loop, loop, options, kernel_options);
  MAYFLY_CHECK(created.has_value());
  return std::move(*created);
}

KernelTransportOptions one_to_one(KernelTransportOptions options) {
  options.socket_style = SocketStyle::OneToOne;
  return options;
}

}  // namespace

KernelPair::KernelPair(const TransportOptions& options,
                       const KernelTransportOptions& kernel_options)
    : KernelPair(options, kernel_options, one_to_one(kernel_options)) {}

KernelPair::KernelPair(const TransportOptions& options,
                       const KernelTransportOptions& server_options,
                       const KernelTransportOptions& client_options)
    : transport(transport_on(loop, options, server_options)),
      client_transport(transport_on(loop, options, client_options)) {}

bool KernelPair::connect(const TransportAddress& listen_at, const TransportAddress& connect_to,
                         const Place& at_server, const Place& at_client,
                         const std::function<bool()>& give_up) {
  at_server([&] {
    auto listening = transport->listen(listen_at);
    EXPECT_TRUE(listening.has_value()) << listening.error().message;
    if (listening) listener = std::move(*listening);
  });
  if (!listener) return false;
  listener->set_acceptor([this](std::unique_ptr<Association> accepted) {
    server = std::move(accepted);
    server->set_observer(&server_told);
  });
  TransportAddress to = connect_to;
  for (IpEndpoint& each : to.endpoints) each.port = listener->local().front().port;
  at_client([&] {
    auto connecting = client_transport->connect(to);
    EXPECT_TRUE(connecting.has_value()) << connecting.error().message;
    if (connecting) client = std::move(*connecting);
  });
  if (!client) return false;
  client->set_observer(&client_told);
  const auto both = [this] { return client_told.connected && server_told.connected; };
  return run_until([&] { return both() || give_up(); }) && both();
}

bool KernelPair::connect() {
  const Place here = [](const std::function<void()>& work) { work(); };
  return connect({{IpEndpoint::loopback_v4(0)}}, {{IpEndpoint::loopback_v4(0)}}, here, here);
}

Bytes patterned(size_t bytes, uint32_t seed) {
  Bytes result(bytes);
  for (size_t i = 0; i < bytes; ++i) {
    result[i] = static_cast<std::byte>((i * 2654435761U + seed * 40503U) >> 13);
  }
  return result;
}

Message message_of(uint16_t stream, Bytes payload) {
  return {StreamId(stream), Ppid(7), std::move(payload)};
}

}  // namespace mayfly
