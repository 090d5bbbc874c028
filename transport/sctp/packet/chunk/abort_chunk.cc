#include "transport/sctp/packet/chunk/abort_chunk.h"

#include <algorithm>

#include "transport/sctp/packet/error_cause.h"

namespace mayfly::sctp {
namespace {

constexpr uint8_t kReflectedTag = 1;

}  // namespace

std::optional<AbortChunk> AbortChunk::parse(const ChunkView& chunk) {
  if (chunk.type != kType) return std::nullopt;
  return AbortChunk{.tag_is_reflected = (chunk.flags & kReflectedTag) != 0, .causes = chunk.value};
}

void AbortChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, tag_is_reflected ? kReflectedTag : 0, bytes());
  writer.append(causes);
}

bool operator==(const AbortChunk& a, const AbortChunk& b) {
  return a.tag_is_reflected == b.tag_is_reflected && std::ranges::equal(a.causes, b.causes);
}

std::string to_string(const AbortChunk& chunk) {
  return std::string("ABORT") + (chunk.tag_is_reflected ? " reflected: " : ": ") +
         causes_text(chunk.causes);
}

}  // namespace mayfly::sctp
