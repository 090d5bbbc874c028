#include "transport/sctp/packet/chunk/shutdown_ack_chunk.h"

namespace mayfly::sctp {

std::optional<ShutdownAckChunk> ShutdownAckChunk::parse(const ChunkView& chunk) {
  if (chunk.type != kType) return std::nullopt;
  return ShutdownAckChunk{};
}

void ShutdownAckChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, 0, bytes());
}

std::string to_string(const ShutdownAckChunk& /*chunk*/) {
  return to_string(ShutdownAckChunk::kType);
}

}  // namespace mayfly::sctp
