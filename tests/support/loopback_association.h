#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/units.h"
#include "netsim/simulation.h"
#include "transport/association.h"

namespace mayfly {

// One direction of a loopback: whole messages go in, and come out later or never.
struct LoopbackLink {
  Duration delay = 10ms;           // one way
  std::optional<DataRate> rate{};  // none: unlimited
  double loss = 0;                 // of each chunk-sized part of a message, each time it is sent
};

struct LoopbackOptions {
  LoopbackLink to_server{};
  LoopbackLink to_client{};
  uint64_t seed = 1;
  // Sent and not yet acknowledged: what a congestion window and the peer's receive window would
  // allow.
  size_t window_bytes = 64 << 10;
  size_t send_queue_bytes = 24 << 20;
  size_t send_queue_low_bytes = 256 << 10;
  size_t max_message_bytes = 16 << 20;
  size_t max_chunk_payload_bytes = 1200;
  uint16_t streams = 16;
  Duration dead_peer_after = 12s;  // how long a vanished peer takes to be noticed
  Duration shutdown_limit = 3s;
};

// What a test can do to an end of a loopback besides using it.
class LoopbackControls {
 public:
  virtual ~LoopbackControls() = default;
  // Messages arrive but are not taken in nor acknowledged, as with a program that does not read:
  // the other side's window fills and then its buffer.
  virtual void set_reading(bool reading) = 0;
  // Nothing this end says is heard any more, and it hears nothing: a pulled plug. Both find out
  // when their stacks would.
  virtual void vanish() = 0;
  // The association is up at this end. Only for whoever called make_loopback().
  virtual void establish() = 0;
  // The stack tells this event to this end.
  virtual void tell(const TransportEvent& event) = 0;
  // Delivered to this end so far, as it was sent.
  [[nodiscard]] virtual uint64_t messages_delivered() const = 0;
};

struct LoopbackPair {
  std::unique_ptr<Association> client;
  std::unique_ptr<Association> server;
  // Live as long as the associations' shared state, which is as long as the caller keeps them.
  std::shared_ptr<LoopbackControls> client_controls;
  std::shared_ptr<LoopbackControls> server_controls;
};

// Two ends, not yet connected: establish() on each when it is time. The names are what peer() of
// the other side says.
[[nodiscard]] LoopbackPair make_loopback(Simulation& simulation, const LoopbackOptions& options,
                                         const std::string& client_name,
                                         const std::string& server_name);

// Two ends of one association without any SCTP under it: it keeps every promise of
// transport/association.h in a few lines, so that the sessions' unit tests need no stack. Reliable
// messages that are lost come a recovery round later; others are reported abandoned as their
// options say. Both ends are connected one round trip after this call.
[[nodiscard]] LoopbackPair connect_loopback(Simulation& simulation, const LoopbackOptions& options);

}  // namespace mayfly
