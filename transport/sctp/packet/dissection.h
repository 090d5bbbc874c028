#pragma once

#include <string>

#include "core/bytes.h"
#include "transport/sctp/packet/chunk.h"

namespace mayfly::sctp {

// For people: what the chunk says on one line, "INIT ACK malformed" when it cannot be read.
[[nodiscard]] std::string dissect_chunk(const ChunkView& chunk);
// The packet's header on the first line, then each chunk on its own. Any bytes will do.
[[nodiscard]] std::string dissect_packet(ByteView packet);

}  // namespace mayfly::sctp
