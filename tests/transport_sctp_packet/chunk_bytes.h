#pragma once

#include <optional>

#include "core/bytes.h"
#include "core/check.h"
#include "transport/sctp/packet/chunk.h"

namespace mayfly::sctp {

// A chunk as it lies in a packet, without padding.
template <WritableChunk Chunk>
[[nodiscard]] Bytes bytes_of(const Chunk& chunk) {
  Bytes bytes(chunk.bytes());
  FieldWriter writer(bytes);
  chunk.serialize_to(writer);
  MAYFLY_CHECK(writer.room() == 0);
  return bytes;
}

// The bytes of one chunk, read as a chunk of that type. They must outlive what comes out.
template <class Chunk>
[[nodiscard]] std::optional<Chunk> parse_as(const Bytes& bytes) {
  const auto view = ChunkReader(bytes).next();
  return view ? Chunk::parse(*view) : std::nullopt;
}

}  // namespace mayfly::sctp
