#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "transport/sctp/packet/chunk.h"
#include "transport/sctp/packet/types.h"

// INIT and INIT ACK differ in their type alone (RFC 9260 3.3.2, 3.3.3).
namespace mayfly::sctp {

template <class Chunk>
[[nodiscard]] std::optional<Chunk> parse_init_layout(const ChunkView& chunk) {
  constexpr size_t kFixedBytes = Chunk::kHeaderBytes - kChunkHeaderBytes;
  const auto fixed = fixed_part<kFixedBytes>(chunk.value);
  if (chunk.type != Chunk::kType || !fixed) return std::nullopt;
  return Chunk{.initiate_tag = VerificationTag(u32_at<0>(*fixed)),
               .a_rwnd = u32_at<4>(*fixed),
               .outbound_streams = u16_at<8>(*fixed),
               .inbound_streams = u16_at<10>(*fixed),
               .initial_tsn = Tsn(u32_at<12>(*fixed)),
               .parameters = chunk.value.subspan(kFixedBytes)};
}

template <class Chunk>
void write_init_layout(FieldWriter& writer, const Chunk& chunk) {
  write_chunk_header(writer, Chunk::kType, 0, chunk.bytes());
  writer.u32(chunk.initiate_tag.value());
  writer.u32(chunk.a_rwnd);
  writer.u16(chunk.outbound_streams);
  writer.u16(chunk.inbound_streams);
  writer.u32(chunk.initial_tsn.value());
  writer.append(chunk.parameters);
}

template <class Chunk>
[[nodiscard]] bool has_same_init_layout(const Chunk& a, const Chunk& b) {
  return a.initiate_tag == b.initiate_tag && a.a_rwnd == b.a_rwnd &&
         a.outbound_streams == b.outbound_streams && a.inbound_streams == b.inbound_streams &&
         a.initial_tsn == b.initial_tsn && std::ranges::equal(a.parameters, b.parameters);
}

template <class Chunk>
[[nodiscard]] std::string init_layout_text(const Chunk& chunk) {
  return fmt::format("{} tag={:08x} a_rwnd={} outbound={} inbound={} initial_tsn={}",
                     to_string(Chunk::kType), chunk.initiate_tag.value(), chunk.a_rwnd,
                     chunk.outbound_streams, chunk.inbound_streams, chunk.initial_tsn.value());
}

}  // namespace mayfly::sctp
