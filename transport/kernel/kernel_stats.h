#pragma once

#include <cstdint>
#include <optional>

#include "core/units.h"
#include "transport/association_stats.h"
#include "transport/kernel/association_socket.h"

namespace mayfly {

// The kernel tells some times in ticks of its own clock (100 to 1000 Hz, as it was built), and not
// how long a tick is.
class KernelTicks {
 public:
  explicit KernelTicks(uint32_t per_second) : per_second_(per_second) {}
  // Found by a time that the same association tells both in ticks and in milliseconds. Nothing when
  // there is no association.
  [[nodiscard]] static std::optional<KernelTicks> measure(const AssociationSocket& socket);

  [[nodiscard]] uint32_t per_second() const { return per_second_; }
  [[nodiscard]] Duration to_duration(uint32_t ticks) const {
    return Duration(int64_t{ticks} * 1'000'000 / per_second_);
  }

 private:
  uint32_t per_second_;
};

// DATA chunks sent for the first time; nothing once the association is gone.
[[nodiscard]] std::optional<uint64_t> chunks_sent(const AssociationSocket& socket);
// Memory the kernel holds for chunks not yet acknowledged, its overhead included. Told of a socket:
// nothing for an association that shares one.
[[nodiscard]] std::optional<size_t> send_memory(const AssociationSocket& socket);
// Whether everything handed over is acknowledged or abandoned.
[[nodiscard]] bool holds_nothing(const AssociationSocket& socket);
// Payload sent and not yet acknowledged, and what waits to be sent, to the nearest chunk.
[[nodiscard]] size_t outstanding_bytes(const AssociationSocket& socket, size_t unsent_bytes,
                                       size_t chunk_payload_bytes);

// Fills in what the kernel tells: paths, packets, retransmissions. False, and `stats` as it was,
// once the association is gone.
[[nodiscard]] bool read_stats(const AssociationSocket& socket, const KernelTicks& ticks,
                              AssociationStats& stats);
// Messages of a stream that the kernel gave up and tells in no event (RFC 7496 4.3): those of which
// some was sent, and those it discarded for want of room, by their discard priority.
struct SilentlyAbandoned {
  uint64_t sent = 0;
  uint64_t discarded_unsent = 0;
};
[[nodiscard]] SilentlyAbandoned silently_abandoned(const AssociationSocket& socket,
                                                   StreamId stream);

}  // namespace mayfly
