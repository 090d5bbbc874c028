#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/units.h"

namespace mayfly {

// One stream of an association, as this side sees it: what it sent and gave up, and what it got.
struct StreamSummary {
  uint16_t stream = 0;
  std::string carries;  // "control", "p"
  uint64_t messages_sent = 0;
  uint64_t bytes_sent = 0;
  uint64_t messages_received = 0;
  uint64_t bytes_received = 0;
  uint64_t abandoned_unsent = 0;  // messages of ours (RFC 7496 4.3)
  uint64_t abandoned_sent = 0;

  friend bool operator==(const StreamSummary&, const StreamSummary&) = default;
};

// One address of the peer.
struct PathSummary {
  std::string address;
  bool active = false;
  bool primary = false;
  Duration smoothed_rtt{};
  Duration retransmission_timeout{};
  uint64_t congestion_window_bytes = 0;
  uint64_t mtu_bytes = 0;

  friend bool operator==(const PathSummary&, const PathSummary&) = default;
};

// What an association did under a playout.
struct TransportSummary {
  std::vector<StreamSummary> streams;
  std::vector<PathSummary> paths;
  std::map<std::string, uint64_t> events;  // by name, "path-unreachable"; only what happened
  uint64_t packets_sent = 0;
  uint64_t chunks_retransmitted = 0;

  friend bool operator==(const TransportSummary&, const TransportSummary&) = default;
};

}  // namespace mayfly
