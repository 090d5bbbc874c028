#include "transport/usrsctp/usrsctp_transport.h"

#include <fmt/format.h>

#include "transport/usrsctp/usrsctp_association.h"
#include "transport/usrsctp/usrsctp_listener.h"

namespace mayfly {

UsrsctpTransport::UsrsctpTransport(UsrsctpStack& stack, PacketSocket& socket,
                                   const TransportOptions& options, const UsrsctpPorts& ports)
    : endpoint_(std::make_shared<UsrsctpEndpoint>(stack, socket, options)), ports_(ports) {}

Result<std::unique_ptr<Listener>> UsrsctpTransport::listen(const TransportAddress& at) {
  const IpEndpoint local = endpoint_->local();
  const IpEndpoint& wanted = at.endpoints.front();
  const bool same_port = wanted.port == local.port || wanted.port == 0;
  IpEndpoint any_port = wanted;
  any_port.port = local.port;
  if (!same_port || !(wanted.is_any() || any_port == local || local.is_any())) {
    return failure(ErrorCode::Io,
                   fmt::format("listen on {}: the socket under this transport is bound to {}",
                               to_string(wanted), to_string(local)));
  }
  if (endpoint_->is_listening()) {
    return failure(ErrorCode::Io,
                   fmt::format("listen on {}: already listening there", to_string(local)));
  }
  return UsrsctpListener::open(endpoint_, ports_.listen);
}

Result<std::unique_ptr<Association>> UsrsctpTransport::connect(const TransportAddress& to) {
  const IpEndpoint& peer = to.endpoints.front();
  if (peer.port == 0 || peer.is_any()) {
    return failure(ErrorCode::InvalidArgument,
                   fmt::format("connect to {}: not the address of a host", to_string(peer)));
  }
  auto association = UsrsctpAssociation::connect(endpoint_, peer, ports_.peer);
  if (!association) {
    return failure(association.error().in(fmt::format("connect to {}", to_string(peer))));
  }
  return association;
}

}  // namespace mayfly
