#include "transport/sctp/packet/chunk/cookie_ack_chunk.h"

namespace mayfly::sctp {

std::optional<CookieAckChunk> CookieAckChunk::parse(const ChunkView& chunk) {
  if (chunk.type != kType) return std::nullopt;
  return CookieAckChunk{};
}

void CookieAckChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, 0, bytes());
}

std::string to_string(const CookieAckChunk& /*chunk*/) { return to_string(CookieAckChunk::kType); }

}  // namespace mayfly::sctp
