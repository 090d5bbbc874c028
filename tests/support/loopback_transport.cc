#include "tests/support/loopback_transport.h"

#include <map>
#include <utility>
#include <vector>

#include "core/check.h"

namespace mayfly {

struct LoopbackTransport::State {
  Simulation& simulation;
  LoopbackOptions options;
  uint64_t connections = 0;
  std::map<IpEndpoint, LoopbackListener*> listeners;
  std::map<uint64_t, std::unique_ptr<Association>> pending;  // the server's ends, by connection
  std::shared_ptr<LoopbackControls> last_client;
};

class LoopbackTransport::LoopbackListener final : public Listener {
 public:
  LoopbackListener(std::shared_ptr<State> state, std::vector<IpEndpoint> local)
      : state_(std::move(state)), local_(std::move(local)) {
    for (const IpEndpoint& each : local_) state_->listeners[each] = this;
  }
  ~LoopbackListener() override {
    for (const IpEndpoint& each : local_) state_->listeners.erase(each);
  }
  LoopbackListener(const LoopbackListener&) = delete;
  LoopbackListener& operator=(const LoopbackListener&) = delete;

  void set_acceptor(Acceptor acceptor) override { acceptor_ = std::move(acceptor); }
  [[nodiscard]] std::vector<IpEndpoint> local() const override { return local_; }

  // Without an acceptor the association is destroyed, which the client hears of.
  void accept(std::unique_ptr<Association> association) const {
    if (acceptor_) acceptor_(std::move(association));
  }

 private:
  std::shared_ptr<State> state_;
  std::vector<IpEndpoint> local_;
  Acceptor acceptor_;
};

LoopbackTransport::LoopbackTransport(Simulation& simulation, const LoopbackOptions& options)
    : state_(std::make_shared<State>(State{simulation, options, 0, {}, {}, nullptr})) {}
// What is not accepted by now never will be.
LoopbackTransport::~LoopbackTransport() { state_->pending.clear(); }

void LoopbackTransport::set_options(const LoopbackOptions& options) { state_->options = options; }
std::shared_ptr<LoopbackControls> LoopbackTransport::last_client() const {
  return state_->last_client;
}

Result<std::unique_ptr<Listener>> LoopbackTransport::listen(const TransportAddress& at) {
  MAYFLY_CHECK(!at.endpoints.empty());
  for (const IpEndpoint& each : at.endpoints) {
    if (state_->listeners.count(each) != 0) {
      return failure(ErrorCode::Io, "listen on " + to_string(each) + ": address already in use");
    }
  }
  return std::make_unique<LoopbackListener>(state_, at.endpoints);
}

Result<std::unique_ptr<Association>> LoopbackTransport::connect(const TransportAddress& to) {
  MAYFLY_CHECK(!to.endpoints.empty());
  const IpEndpoint target = to.endpoints.front();
  LoopbackOptions options = state_->options;
  const uint64_t number = ++state_->connections;
  options.seed += number;
  LoopbackPair pair = make_loopback(state_->simulation, options, "client-" + std::to_string(number),
                                    to_string(target));
  state_->last_client = pair.client_controls;
  state_->pending[number] = std::move(pair.server);
  const Duration round_trip = options.to_server.delay + options.to_client.delay;
  state_->simulation.at(state_->simulation.now() + round_trip,
                        [state = state_, target, number, client = pair.client_controls,
                         server = pair.server_controls] {
                          auto pending = state->pending.extract(number);
                          const auto found = state->listeners.find(target);
                          // Without a listener the server's end dies here, which the client hears.
                          if (pending.empty() || found == state->listeners.end()) return;
                          client->establish();
                          server->establish();
                          found->second->accept(std::move(pending.mapped()));
                        });
  return std::move(pair.client);
}

}  // namespace mayfly
