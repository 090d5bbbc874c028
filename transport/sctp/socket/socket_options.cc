#include "transport/sctp/socket/socket_options.h"

#include <algorithm>
#include <memory>

#include "transport/sctp/packet/chunk/data_chunk.h"
#include "transport/sctp/packet/chunk/i_data_chunk.h"
#include "transport/sctp/packet/packet_view.h"
#include "transport/sctp/tx/cubic.h"

namespace mayfly::sctp {

SocketOptions default_socket_options(const TransportOptions& transport) {
  return {.transport = transport, .congestion = [](const WindowOptions& window) {
            return std::make_unique<Cubic>(window);
          }};
}

SenderOptions sender_options(const SocketOptions& options) {
  const TransportOptions& transport = options.transport;
  // The larger header, so that the bound holds whatever the handshake finds.
  const size_t header = options.interleaving ? IDataChunk::kHeaderBytes : DataChunk::kHeaderBytes;
  return {.outbox = {.limit_bytes = transport.send_queue_bytes,
                     .low_bytes = transport.send_queue_low_bytes,
                     .max_fragment_bytes =
                         (transport.max_packet_bytes - kCommonHeaderBytes) / 4 * 4 - header},
          .rtt = {.rto_initial = transport.rto_initial,
                  .rto_min = transport.rto_min,
                  .rto_max = transport.rto_max},
          .window = {.mtu_bytes = transport.max_packet_bytes},
          .burst_packets = std::max<size_t>(transport.max_burst, 1),
          .congestion = options.congestion};
}

}  // namespace mayfly::sctp
