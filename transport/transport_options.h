#pragma once

#include <cstddef>
#include <cstdint>

#include "core/units.h"

namespace mayfly {

// The settings of an association, the same for every stack as far as it has them. The defaults are
// what measurement showed best for media on lossy paths; `mayfly doctor` prints each with its
// reason and what the stack would do by itself.
struct TransportOptions {
  // Retransmission timer (RFC 9260 6.3). The stacks' 1 s floor turns every tail loss into a frozen
  // picture; a cap near the floor bounds the stall when a stack's RTT measurement freezes.
  Duration rto_initial = 500ms;
  Duration rto_min = 100ms;
  Duration rto_max = 400ms;
  // How many timeouts in a row end the association, and a path. High because rto_max is small:
  // 30 x 400 ms is a dead-peer detection of 12 s.
  uint16_t max_retransmissions = 30;
  uint16_t path_max_retransmissions = 30;
  uint16_t max_init_attempts = 8;
  // Without a heartbeat on demand, partial reliability stops RTT measurement for good on both stock
  // stacks once the measured message is abandoned.
  Duration demand_heartbeat_interval = 1s;
  Duration heartbeat_interval = 5s;
  // A SACK for every packet: delayed ones cost a recovery round.
  Duration sack_delay = 0ms;
  uint32_t sack_frequency = 1;
  bool no_delay = true;     // Nagle holds back the last piece of a frame
  uint32_t max_burst = 10;  // packets; 4 by default, which spreads an I frame over several RTT
  uint16_t streams = 16;    // asked for in each direction
  size_t socket_send_buffer_bytes = 1 << 20;
  size_t socket_receive_buffer_bytes = 2 << 20;
  // Bound of the queue in front of the stack: an 8 MiB intra frame in pieces, and one more behind
  // it.
  size_t send_queue_bytes = 24 << 20;
  size_t send_queue_low_bytes = 256 << 10;  // on_send_buffer_low() when it drains to here
  // The largest message the other side may send; more ends the association. A peer can have so much
  // held for it by beginning one and never ending it.
  size_t max_received_message_bytes = 16 << 20;
  // The largest message of ours: what the other side is taken to receive, which SCTP has no way to
  // tell.
  size_t max_sent_message_bytes = 16 << 20;
  // Payload of one UDP packet: 1280 bytes with the headers of IPv4, which nearly every path passes.
  // Over IPv6 it is 1300, and 1280 is all that a path must pass (RFC 8200 5): 1232 keeps to that.
  size_t max_packet_bytes = 1252;
  // The stack holds at most this much more than its congestion window, so that what waits can still
  // expire and be overtaken.
  size_t stack_backlog_bytes = 6 << 10;
  // How long a shutdown may take before it becomes an abort.
  Duration shutdown_limit = 3s;

  friend bool operator==(const TransportOptions&, const TransportOptions&) = default;
};

}  // namespace mayfly
