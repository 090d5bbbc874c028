#include "transport/sctp/engine_transport.h"

#include <fmt/format.h>

#include <utility>

#include "transport/sctp/engine_association.h"

namespace mayfly {
namespace {

// Established and not yet fetched by an acceptor; more are refused.
constexpr size_t kMaxWaiting = 1024;

}  // namespace

EngineListener::EngineListener(std::shared_ptr<EngineEndpoint> endpoint, uint16_t sctp_port)
    : endpoint_(std::move(endpoint)), soon_(endpoint_->timers().create([this] { offer(); })) {
  endpoint_->set_welcome(this, sctp_port);
}

EngineListener::~EngineListener() {
  *alive_ = false;
  endpoint_->set_welcome(nullptr, 0);
}

void EngineListener::set_acceptor(Acceptor acceptor) {
  acceptor_ = std::move(acceptor);
  if (!established_.empty()) soon_->start(Duration::zero());
}

void EngineListener::on_established(std::unique_ptr<EngineAssociation> association) {
  if (established_.size() >= kMaxWaiting) return;  // destroyed, and so aborted
  established_.push_back(std::move(association));
  soon_->start(Duration::zero());
}

void EngineListener::offer() {
  const auto alive = alive_;
  while (*alive && acceptor_ && !established_.empty()) {
    auto association = std::move(established_.front());
    established_.pop_front();
    const Acceptor acceptor = acceptor_;  // it may replace itself, or destroy the listener
    acceptor(std::move(association));
  }
}

EngineTransport::EngineTransport(const Clock& clock, TimerFactory& timers, PacketSocket& socket,
                                 const sctp::SocketOptions& options, const sctp::CookieSecret& key,
                                 const EnginePorts& ports)
    : endpoint_(std::make_shared<EngineEndpoint>(clock, timers, socket, options, key)),
      ports_(ports) {}

Result<std::unique_ptr<Listener>> EngineTransport::listen(const TransportAddress& at) {
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
  return std::make_unique<EngineListener>(endpoint_, ports_.listen);
}

Result<std::unique_ptr<Association>> EngineTransport::connect(const TransportAddress& to) {
  const IpEndpoint& peer = to.endpoints.front();
  if (peer.port == 0 || peer.is_any()) {
    return failure(ErrorCode::InvalidArgument,
                   fmt::format("connect to {}: not the address of a host", to_string(peer)));
  }
  return EngineAssociation::connect(endpoint_, to.endpoints, ports_.peer);
}

}  // namespace mayfly
