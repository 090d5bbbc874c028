#include "tests/transport_sctp/engine_environment.h"

namespace mayfly {

EngineEnvironment::EngineEnvironment(const TransportOptions& options, uint64_t seed)
    : EngineEnvironment(sctp::default_socket_options(options), seed) {}

EngineEnvironment::EngineEnvironment(const sctp::SocketOptions& options, uint64_t seed)
    : network_(simulation_, seed),
      seed_(seed),
      server_socket_(network_.bind(kServer)),
      client_socket_(network_.bind(kClient)),
      server_(simulation_, simulation_, *server_socket_, options, secret_of(seed + 1)),
      client_(simulation_, simulation_, *client_socket_, options, secret_of(seed + 2)) {
  (void)set_link({});
}

bool EngineEnvironment::set_link(const Link& link) {
  LinkModel model;
  model.loss = BernoulliLoss{link.cut ? 1.0 : link.loss};
  model.delay = link.delay;
  if (link.rate) model.capacity = *link.rate;
  network_.set_path(kClient, kServer, {.up = model, .down = model, .seed = seed_});
  return true;
}

}  // namespace mayfly
