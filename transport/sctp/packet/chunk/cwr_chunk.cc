#include "transport/sctp/packet/chunk/cwr_chunk.h"

#include <fmt/format.h>

namespace mayfly::sctp {

std::optional<CwrChunk> CwrChunk::parse(const ChunkView& chunk) {
  const auto fixed = fixed_part<kHeaderBytes - kChunkHeaderBytes>(chunk.value);
  if (chunk.type != kType || !fixed) return std::nullopt;
  return CwrChunk{.lowest_tsn = Tsn(u32_at<0>(*fixed))};
}

void CwrChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, 0, bytes());
  writer.u32(lowest_tsn.value());
}

std::string to_string(const CwrChunk& chunk) {
  return fmt::format("CWR lowest={}", chunk.lowest_tsn.value());
}

}  // namespace mayfly::sctp
