#include "transport/sctp/packet/chunk/i_forward_tsn_chunk.h"

#include <fmt/format.h>

namespace mayfly::sctp {

std::optional<IForwardTsnChunk> IForwardTsnChunk::parse(const ChunkView& chunk) {
  constexpr size_t kFixedBytes = kHeaderBytes - kChunkHeaderBytes;
  const auto fixed = fixed_part<kFixedBytes>(chunk.value);
  if (chunk.type != kType || !fixed) return std::nullopt;
  const ByteView list = chunk.value.subspan(kFixedBytes);
  if (list.size() % WireRecord<SkippedMessage>::kBytes != 0) return std::nullopt;
  return IForwardTsnChunk{.new_cumulative_tsn = Tsn(u32_at<0>(*fixed)),
                          .skipped = WireList<SkippedMessage>::from_wire(list)};
}

void IForwardTsnChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, 0, bytes());
  writer.u32(new_cumulative_tsn.value());
  skipped.serialize_to(writer);
}

std::string to_string(const IForwardTsnChunk& chunk) {
  std::string text = fmt::format("I-FORWARD-TSN cumulative={}", chunk.new_cumulative_tsn.value());
  for (const SkippedMessage each : chunk.skipped) {
    text += fmt::format(" {}{}:{}", each.stream.value(), each.unordered ? "U" : "",
                        each.message.value());
  }
  return text;
}

}  // namespace mayfly::sctp
