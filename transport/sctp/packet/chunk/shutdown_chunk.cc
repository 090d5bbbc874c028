#include "transport/sctp/packet/chunk/shutdown_chunk.h"

#include <fmt/format.h>

namespace mayfly::sctp {

std::optional<ShutdownChunk> ShutdownChunk::parse(const ChunkView& chunk) {
  const auto fixed = fixed_part<kHeaderBytes - kChunkHeaderBytes>(chunk.value);
  if (chunk.type != kType || !fixed) return std::nullopt;
  return ShutdownChunk{.cumulative_tsn = Tsn(u32_at<0>(*fixed))};
}

void ShutdownChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, 0, bytes());
  writer.u32(cumulative_tsn.value());
}

std::string to_string(const ShutdownChunk& chunk) {
  return fmt::format("SHUTDOWN cumulative={}", chunk.cumulative_tsn.value());
}

}  // namespace mayfly::sctp
