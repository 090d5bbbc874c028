#include "transport/sctp/packet/chunk/init_chunk.h"

#include "transport/sctp/packet/chunk/init_layout.h"

namespace mayfly::sctp {

std::optional<InitChunk> InitChunk::parse(const ChunkView& chunk) {
  return parse_init_layout<InitChunk>(chunk);
}

void InitChunk::serialize_to(FieldWriter& writer) const { write_init_layout(writer, *this); }

bool operator==(const InitChunk& a, const InitChunk& b) { return has_same_init_layout(a, b); }

std::string to_string(const InitChunk& chunk) { return init_layout_text(chunk); }

}  // namespace mayfly::sctp
