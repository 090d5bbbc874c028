#include "transport/kernel/kernel_transport.h"

#include <algorithm>
#include <utility>

#include "transport/kernel/kernel_listener.h"
#include "transport/kernel/socket_settings.h"

namespace mayfly {
namespace {

// One read takes at most a chunk of the largest packet there is, with what a notification puts in
// front of it; larger messages come in several.
constexpr size_t kReadBufferBytes = 128 << 10;

Result<void> check(const TransportAddress& address) {
  if (address.endpoints.empty()) {
    return failure(ErrorCode::InvalidArgument, "no address given");
  }
  const uint16_t port = address.endpoints.front().port;
  const bool same_port = std::all_of(address.endpoints.begin(), address.endpoints.end(),
                                     [port](const IpEndpoint& each) { return each.port == port; });
  if (same_port) return {};
  return failure(ErrorCode::InvalidArgument,
                 "the addresses of one SCTP endpoint share one port, and these do not");
}

// The handshake goes to the first, and the peer takes the path that it came by for its own primary.
std::vector<IpEndpoint> with_first(std::vector<IpEndpoint> endpoints,
                                   std::optional<IpEndpoint> first) {
  if (!first) return endpoints;
  first->port = endpoints.front().port;
  const auto found = std::ranges::find(endpoints, *first);
  if (found != endpoints.end()) std::rotate(endpoints.begin(), found, found + 1);
  return endpoints;
}

}  // namespace

Result<std::unique_ptr<KernelTransport>> KernelTransport::create(
    Reactor& reactor, const Clock& clock, TimerFactory& timers, const TransportOptions& options,
    const KernelTransportOptions& kernel_options) {
  RETURN_IF_ERROR(available());
  KernelTransportOptions with_key = kernel_options;
  if (!with_key.auth_key_file.empty()) {
    ASSIGN_OR_RETURN(with_key.auth_key, AuthKey::read(with_key.auth_key_file));
  }
  return std::unique_ptr<KernelTransport>(
      new KernelTransport({reactor, clock, timers, options, std::move(with_key),
                           std::make_shared<Bytes>(kReadBufferBytes)}));
}

Result<void> KernelTransport::available() {
  RETURN_IF_ERROR(SctpSocket::open(IpEndpoint::Family::V4));
  return {};
}

Result<SctpSocket> KernelTransport::open_for(const TransportAddress& address) {
  const bool to_many = environment_.kernel_options.socket_style == SocketStyle::OneToMany;
  const auto kind = to_many ? SctpSocket::Kind::OneToMany : SctpSocket::Kind::OneToOne;
  ASSIGN_OR_RETURN(SctpSocket socket, SctpSocket::open(family_for(address.endpoints), kind));
  RETURN_IF_ERROR(apply_settings(socket, environment_.options, environment_.kernel_options));
  return socket;
}

Result<std::unique_ptr<Listener>> KernelTransport::listen(const TransportAddress& at) {
  RETURN_IF_ERROR(check(at));
  ASSIGN_OR_RETURN(SctpSocket socket, open_for(at));
  RETURN_IF_ERROR(socket.bind(at.endpoints));
  RETURN_IF_ERROR(socket.listen());
  if (socket.kind() == SctpSocket::Kind::OneToMany) {
    return std::make_unique<OneToManyListener>(environment_, std::move(socket));
  }
  return std::make_unique<OneToOneListener>(environment_, std::move(socket));
}

Result<std::unique_ptr<Association>> KernelTransport::connect(const TransportAddress& to) {
  RETURN_IF_ERROR(check(to));
  const KernelTransportOptions& ours = environment_.kernel_options;
  TransportAddress both_ends = to;
  both_ends.endpoints.insert(both_ends.endpoints.end(), ours.bind.begin(), ours.bind.end());
  ASSIGN_OR_RETURN(SctpSocket socket, open_for(both_ends));
  if (!ours.bind.empty()) RETURN_IF_ERROR(socket.bind(ours.bind));
  return KernelAssociation::connect(environment_, std::move(socket),
                                    with_first(to.endpoints, ours.primary));
}

}  // namespace mayfly
