#pragma once

#include <vector>

#include "config/keys.h"
#include "config/transport_choice.h"

namespace mayfly {

// The section [transport] of any configuration with the members `transport` (which stack) and
// `transport_options`.
template <class Config>
[[nodiscard]] std::vector<ConfigKey<Config>> timer_keys() {
  return {
      duration_key<Config>(
          {"transport.rto_initial",
           "Retransmission timer before the first RTT is known (RFC 9260 "
           "6.3.1; the stacks' own: 1 s)."},
          10ms, 60s, [](auto& c) -> auto& { return c.transport_options.rto_initial; }),
      duration_key<Config>(
          {"transport.rto_min",
           "Its floor. The stacks' 1 s turns every loss at the end of a frame "
           "into a frozen picture."},
          10ms, 60s, [](auto& c) -> auto& { return c.transport_options.rto_min; }),
      duration_key<Config>(
          {"transport.rto_max",
           "Its ceiling. Bounds the stall when a stack's RTT measurement "
           "freezes, which abandoned messages cause on both stacks."},
          10ms, 60s, [](auto& c) -> auto& { return c.transport_options.rto_max; }),
      integer_key<Config>(
          {"transport.max_retransmissions",
           "Timeouts in a row that end the association. High "
           "because rto_max is small: 30 x 400 ms are 12 s."},
          1, 1000, [](auto& c) -> auto& { return c.transport_options.max_retransmissions; }),
      integer_key<Config>(
          {"transport.path_max_retransmissions",
           "Timeouts in a row that end a path. With several addresses, 2 fails over sooner."},
          1, 1000, [](auto& c) -> auto& { return c.transport_options.path_max_retransmissions; }),
      integer_key<Config>(
          {"transport.max_init_attempts", "How often to ask for an association before giving up."},
          1, 1000, [](auto& c) -> auto& { return c.transport_options.max_init_attempts; }),
      duration_key<Config>(
          {"transport.demand_heartbeat_interval",
           "Heartbeat while busy. Without it, abandoned messages stop RTT measurement for good."},
          100ms, 60s,
          [](auto& c) -> auto& { return c.transport_options.demand_heartbeat_interval; }),
      duration_key<Config>(
          {"transport.heartbeat_interval", "Heartbeat while idle."}, 100ms, 10min,
          [](auto& c) -> auto& { return c.transport_options.heartbeat_interval; }),
      duration_key<Config>(
          {"transport.shutdown_limit", "How long a shutdown may take before it becomes an abort."},
          10ms, 60s, [](auto& c) -> auto& { return c.transport_options.shutdown_limit; }),
  };
}

template <class Config>
[[nodiscard]] std::vector<ConfigKey<Config>> acknowledgement_keys() {
  return {
      duration_key<Config>(
          {"transport.sack_delay",
           "How long an acknowledgement may wait. Delayed ones cost a "
           "recovery round (the stacks' own: 200 ms)."},
          0ms, 500ms, [](auto& c) -> auto& { return c.transport_options.sack_delay; }),
      integer_key<Config>(
          {"transport.sack_frequency", "Packets per acknowledgement."}, 1, 100,
          [](auto& c) -> auto& { return c.transport_options.sack_frequency; }),
      flag_key<Config>(
          {"transport.no_delay",
           "Whether a small message goes at once. Nagle's rule "
           "would hold back the last piece of a frame."},
          [](auto& c) -> auto& { return c.transport_options.no_delay; }),
      integer_key<Config>(
          {"transport.max_burst",
           "Packets sent at once at most. The stacks' own 4 spreads an I "
           "frame over several round trips."},
          1, 1000, [](auto& c) -> auto& { return c.transport_options.max_burst; }),
  };
}

template <class Config>
[[nodiscard]] std::vector<ConfigKey<Config>> size_keys() {
  return {
      integer_key<Config>(
          {"transport.streams",
           "Streams asked for in each direction. Those of [delivery] must be "
           "below."},
          2, 65535, [](auto& c) -> auto& { return c.transport_options.streams; }),
      size_key<Config>(
          {"transport.socket_send_buffer", "What a stack buffers towards the network."},
          size_t{16} << 10, size_t{256} << 20,
          [](auto& c) -> auto& { return c.transport_options.socket_send_buffer_bytes; }),
      size_key<Config>(
          {"transport.socket_receive_buffer", "What a stack buffers from the network."},
          size_t{16} << 10, size_t{256} << 20,
          [](auto& c) -> auto& { return c.transport_options.socket_receive_buffer_bytes; }),
      size_key<Config>(
          {"transport.send_queue",
           "What waits in front of the stack at most, by priority, where "
           "it can still expire: an 8 MiB frame and one more behind it."},
          size_t{64} << 10, size_t{1} << 30,
          [](auto& c) -> auto& { return c.transport_options.send_queue_bytes; }),
      size_key<Config>(
          {"transport.send_queue_low", "Sending goes on when the queue has drained to here."}, 1,
          size_t{1} << 30,
          [](auto& c) -> auto& { return c.transport_options.send_queue_low_bytes; }),
      size_key<Config>(
          {"transport.max_received_message",
           "The largest message the other side may send. A "
           "larger one ends the association."},
          size_t{2} << 10, size_t{256} << 20,
          [](auto& c) -> auto& { return c.transport_options.max_received_message_bytes; }),
      size_key<Config>(
          {"transport.max_sent_message",
           "The largest message of this side: what the other is taken to receive."},
          size_t{2} << 10, size_t{256} << 20,
          [](auto& c) -> auto& { return c.transport_options.max_sent_message_bytes; }),
      size_key<Config>(
          {"transport.max_packet",
           "Payload of one UDP packet under SCTP. The default passes nearly every "
           "path of IPv4; 1232B is for IPv6 through tunnels."},
          512, 65507, [](auto& c) -> auto& { return c.transport_options.max_packet_bytes; }),
      size_key<Config>(
          {"transport.stack_backlog",
           "What the stack holds beyond its congestion window: little, "
           "so that what waits can still expire and be overtaken."},
          0, size_t{16} << 20,
          [](auto& c) -> auto& { return c.transport_options.stack_backlog_bytes; }),
  };
}

template <class Config>
[[nodiscard]] std::vector<ConfigKey<Config>> transport_keys() {
  std::vector<ConfigKey<Config>> keys = {choice_key<Config, TransportChoice>(
      {"transport.stack",
       "Which SCTP carries the session. auto takes what the URL asks for: "
       "mayfly:// is usrsctp over UDP, mayfly+sctp:// the kernel over IP. engine is mayfly's own "
       "SCTP over UDP, which speaks with the others."},
      transport_choices(), [](auto& c) -> auto& { return c.transport; })};
  for (const auto& part :
       {timer_keys<Config>(), acknowledgement_keys<Config>(), size_keys<Config>()}) {
    keys.insert(keys.end(), part.begin(), part.end());
  }
  return keys;
}

// What is wrong between several keys of [transport].
[[nodiscard]] std::vector<Problem> problems_of(const TransportOptions& options);

}  // namespace mayfly
