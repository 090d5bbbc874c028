#include "tests/transport/usrsctp_environment.h"

namespace mayfly {

UsrsctpEnvironment::UsrsctpEnvironment(const TransportOptions& options, uint64_t seed)
    : time_(simulation_, seed),
      network_(simulation_, seed),
      seed_(seed),
      server_socket_(network_.bind(kServer)),
      client_socket_(network_.bind(kClient)),
      stack_(simulation_, simulation_, simulation_),
      server_(stack_, *server_socket_, options),
      client_(stack_, *client_socket_, options) {
  (void)set_link({});
}

bool UsrsctpEnvironment::set_link(const Link& link) {
  LinkModel model;
  model.loss = BernoulliLoss{link.cut ? 1.0 : link.loss};
  model.delay = link.delay;
  if (link.rate) model.capacity = *link.rate;
  network_.set_path(kClient, kServer, {.up = model, .down = model, .seed = seed_});
  return true;
}

}  // namespace mayfly
