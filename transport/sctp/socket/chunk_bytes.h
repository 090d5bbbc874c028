#pragma once

#include "core/bytes.h"
#include "transport/sctp/packet/chunk.h"

namespace mayfly::sctp {

// The chunk as it lies in a packet, without padding: for one that is kept to be sent later.
template <WritableChunk Chunk>
[[nodiscard]] Bytes chunk_bytes(const Chunk& chunk) {
  Bytes bytes(chunk.bytes());
  FieldWriter writer(bytes);
  chunk.serialize_to(writer);
  return bytes;
}

}  // namespace mayfly::sctp
