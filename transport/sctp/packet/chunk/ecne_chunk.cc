#include "transport/sctp/packet/chunk/ecne_chunk.h"

#include <fmt/format.h>

namespace mayfly::sctp {

std::optional<EcneChunk> EcneChunk::parse(const ChunkView& chunk) {
  const auto fixed = fixed_part<kHeaderBytes - kChunkHeaderBytes>(chunk.value);
  if (chunk.type != kType || !fixed) return std::nullopt;
  return EcneChunk{.lowest_tsn = Tsn(u32_at<0>(*fixed))};
}

void EcneChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, 0, bytes());
  writer.u32(lowest_tsn.value());
}

std::string to_string(const EcneChunk& chunk) {
  return fmt::format("ECNE lowest={}", chunk.lowest_tsn.value());
}

}  // namespace mayfly::sctp
