#pragma once

#include <memory>
#include <string>

#include "netsim/simulation.h"
#include "tests/support/loopback_association.h"
#include "transport/transport.h"

namespace mayfly {

// A transport of loopbacks: whoever connects to an endpoint that somebody listens on gets one to
// it. Associations share nothing, not even the rate.
class LoopbackTransport final : public Transport {
 public:
  LoopbackTransport(Simulation& simulation, const LoopbackOptions& options);
  ~LoopbackTransport() override;

  // For the associations connected from now on; each gets a seed of its own all the same.
  void set_options(const LoopbackOptions& options);
  // Of the association connected last; null before the first.
  [[nodiscard]] std::shared_ptr<LoopbackControls> last_client() const;

  [[nodiscard]] std::string name() const override { return "loopback"; }
  [[nodiscard]] Result<std::unique_ptr<Listener>> listen(const TransportAddress& at) override;
  // Closed with Io a round trip later when nobody listens there.
  [[nodiscard]] Result<std::unique_ptr<Association>> connect(const TransportAddress& to) override;

 private:
  struct State;
  class LoopbackListener;
  std::shared_ptr<State> state_;
};

}  // namespace mayfly
