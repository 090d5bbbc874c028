#include "transport/sctp/packet/chunk/error_chunk.h"

#include <algorithm>

#include "transport/sctp/packet/error_cause.h"

namespace mayfly::sctp {

std::optional<ErrorChunk> ErrorChunk::parse(const ChunkView& chunk) {
  if (chunk.type != kType) return std::nullopt;
  return ErrorChunk{.causes = chunk.value};
}

void ErrorChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, 0, bytes());
  writer.append(causes);
}

bool operator==(const ErrorChunk& a, const ErrorChunk& b) {
  return std::ranges::equal(a.causes, b.causes);
}

std::string to_string(const ErrorChunk& chunk) { return "ERROR: " + causes_text(chunk.causes); }

}  // namespace mayfly::sctp
