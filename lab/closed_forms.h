#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/units.h"
#include "lab/cell.h"
#include "lab/clip_trace.h"

namespace mayfly {

// What the bounds and the closed forms count packets by: the payload of one.
inline constexpr size_t kPacketPayloadBytes = 1200;
inline constexpr size_t kPacketHeaderBytes = 28;  // UDP and IPv4
[[nodiscard]] constexpr size_t packets_of(size_t bytes) {
  return bytes == 0 ? 1 : (bytes + kPacketPayloadBytes - 1) / kPacketPayloadBytes;
}

// K: how often a packet can be tried before the deadline when its first try leaves `after` its
// frame was due, and a loss is known a recovery round later. 0 when even the first is too late.
[[nodiscard]] int attempts(Duration playout_delay, Duration one_way, Duration after,
                           Duration round);

// Expected share of frames that are decodable when each packet is lost independently: a frame needs
// itself and all it depends on. `frame_success` is each frame's own chance, in decode order.
[[nodiscard]] double expected_q(const ClipTrace& clip, const std::vector<double>& frame_success);
// Of bare UDP: (1 - p)^n.
[[nodiscard]] double expected_udp_q(const ClipTrace& clip, double loss);
// Of ARQ that knows each loss at its would-be arrival, on a link of this rate that it has to
// itself: the product of 1 - p^K over the packets.
[[nodiscard]] double expected_arq_q(const ClipTrace& clip, double loss, Duration rtt,
                                    Duration playout_delay, DataRate capacity);

// Loss-based congestion control cannot send faster in the long run (Mathis et al. 1997), with an
// acknowledgement every `packets_per_ack` packets. None without loss.
[[nodiscard]] std::optional<DataRate> mathis_ceiling(double loss, Duration rtt,
                                                     size_t segment_bytes, int packets_per_ack);

// What a reader should know of a cell before its figures: a deadline at the edge of a recovery
// round, or an I frame that cannot be through by its deadline. One sentence each.
[[nodiscard]] std::vector<std::string> warnings_of(const Cell& cell, const ClipTrace& clip);

}  // namespace mayfly
