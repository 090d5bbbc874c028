#include "transport/sctp/packet/chunk/shutdown_complete_chunk.h"

namespace mayfly::sctp {
namespace {

constexpr uint8_t kReflectedTag = 1;

}  // namespace

std::optional<ShutdownCompleteChunk> ShutdownCompleteChunk::parse(const ChunkView& chunk) {
  if (chunk.type != kType) return std::nullopt;
  return ShutdownCompleteChunk{.tag_is_reflected = (chunk.flags & kReflectedTag) != 0};
}

void ShutdownCompleteChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, tag_is_reflected ? kReflectedTag : 0, bytes());
}

std::string to_string(const ShutdownCompleteChunk& chunk) {
  return chunk.tag_is_reflected ? "SHUTDOWN COMPLETE reflected" : "SHUTDOWN COMPLETE";
}

}  // namespace mayfly::sctp
