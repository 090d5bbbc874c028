#include "transport/sctp/packet/chunk/sack_chunk.h"

#include <fmt/format.h>

#include <algorithm>

namespace mayfly::sctp {

std::optional<SackChunk> SackChunk::parse(const ChunkView& chunk) {
  constexpr size_t kFixedBytes = kHeaderBytes - kChunkHeaderBytes;
  const auto fixed = fixed_part<kFixedBytes>(chunk.value);
  if (chunk.type != kType || !fixed) return std::nullopt;
  const size_t gap_bytes = u16_at<8>(*fixed) * WireRecord<GapAckBlock>::kBytes;
  const size_t duplicate_bytes = u16_at<10>(*fixed) * WireRecord<Tsn>::kBytes;
  const ByteView lists = chunk.value.subspan(kFixedBytes);
  if (gap_bytes + duplicate_bytes != lists.size()) return std::nullopt;
  const SackChunk sack{
      .cumulative_tsn = Tsn(u32_at<0>(*fixed)),
      .a_rwnd = u32_at<4>(*fixed),
      .gap_blocks = WireList<GapAckBlock>::from_wire(lists.first(gap_bytes)),
      .duplicates = WireList<Tsn>::from_wire(lists.subspan(gap_bytes)),
  };
  const bool are_runs = std::all_of(
      sack.gap_blocks.begin(), sack.gap_blocks.end(),
      [](const GapAckBlock& block) { return block.start > 0 && block.start <= block.end; });
  if (!are_runs) return std::nullopt;
  return sack;
}

void SackChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, 0, bytes());
  writer.u32(cumulative_tsn.value());
  writer.u32(a_rwnd);
  writer.u16(static_cast<uint16_t>(gap_blocks.size()));
  writer.u16(static_cast<uint16_t>(duplicates.size()));
  gap_blocks.serialize_to(writer);
  duplicates.serialize_to(writer);
}

std::string to_string(const SackChunk& chunk) {
  std::string text =
      fmt::format("SACK cumulative={} a_rwnd={}", chunk.cumulative_tsn.value(), chunk.a_rwnd);
  for (const GapAckBlock block : chunk.gap_blocks) {
    text += fmt::format(" +{}..{}", block.start, block.end);
  }
  for (const Tsn duplicate : chunk.duplicates) text += fmt::format(" twice={}", duplicate.value());
  return text;
}

}  // namespace mayfly::sctp
