#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/units.h"
#include "transport/transport_event.h"

namespace mayfly {

struct StreamStats {
  uint64_t messages_sent = 0;  // accepted by send()
  uint64_t bytes_sent = 0;
  uint64_t messages_received = 0;
  uint64_t bytes_received = 0;
  uint64_t abandoned_unsent = 0;  // messages, RFC 7496 4.3
  uint64_t abandoned_sent = 0;    // messages; an upper bound of those the peer lacks

  friend bool operator==(const StreamStats&, const StreamStats&) = default;
};

struct PathStats {
  std::string address;  // of the peer
  bool active = false;
  bool primary = false;
  Duration smoothed_rtt{};
  Duration retransmission_timeout{};
  size_t congestion_window_bytes = 0;
  size_t mtu_bytes = 0;
};

// What an association can tell of itself. Counters only grow. What a stack does not reveal is
// absent rather than zero.
struct AssociationStats {
  std::string stack;                        // "usrsctp", "kernel"
  std::string congestion_control;           // "rfc9260"
  std::vector<PathStats> paths;             // the primary first; never empty once connected
  std::optional<size_t> outstanding_bytes;  // sent, not yet acknowledged, or held by the stack
  size_t queued_bytes = 0;                  // waiting in front of the stack
  uint64_t packets_sent = 0;
  uint64_t packets_received = 0;
  uint64_t chunks_retransmitted = 0;
  uint64_t partial_deliveries_aborted = 0;
  uint64_t messages_refused = 0;  // by the bound of the send buffer
  std::map<StreamId, StreamStats> streams;
  TransportEventCounts events;
};

}  // namespace mayfly
