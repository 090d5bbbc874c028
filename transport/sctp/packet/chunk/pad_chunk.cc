#include "transport/sctp/packet/chunk/pad_chunk.h"

#include <fmt/format.h>

namespace mayfly::sctp {

std::optional<PadChunk> PadChunk::parse(const ChunkView& chunk) {
  if (chunk.type != kType) return std::nullopt;
  return PadChunk{.padding_bytes = chunk.value.size()};
}

void PadChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, 0, bytes());
  writer.zeros(padding_bytes);
}

std::string to_string(const PadChunk& chunk) {
  return fmt::format("PAD bytes={}", chunk.padding_bytes);
}

}  // namespace mayfly::sctp
