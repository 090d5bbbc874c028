#include "transport/sctp/packet/chunk/init_ack_chunk.h"

#include "transport/sctp/packet/chunk/init_layout.h"

namespace mayfly::sctp {

std::optional<InitAckChunk> InitAckChunk::parse(const ChunkView& chunk) {
  return parse_init_layout<InitAckChunk>(chunk);
}

void InitAckChunk::serialize_to(FieldWriter& writer) const { write_init_layout(writer, *this); }

bool operator==(const InitAckChunk& a, const InitAckChunk& b) { return has_same_init_layout(a, b); }

std::string to_string(const InitAckChunk& chunk) { return init_layout_text(chunk); }

}  // namespace mayfly::sctp
