#include "transport/sctp/packet/chunk/data_chunk.h"

#include <fmt/format.h>

#include <algorithm>

#include "transport/sctp/packet/chunk/data_flags.h"

namespace mayfly::sctp {

std::optional<DataChunk> DataChunk::parse(const ChunkView& chunk) {
  constexpr size_t kFixedBytes = kHeaderBytes - kChunkHeaderBytes;
  const auto fixed = fixed_part<kFixedBytes>(chunk.value);
  if (chunk.type != kType || !fixed) return std::nullopt;
  return DataChunk{.immediate = (chunk.flags & data_flag::kImmediate) != 0,
                   .unordered = (chunk.flags & data_flag::kUnordered) != 0,
                   .beginning = (chunk.flags & data_flag::kBeginning) != 0,
                   .end = (chunk.flags & data_flag::kEnd) != 0,
                   .tsn = Tsn(u32_at<0>(*fixed)),
                   .stream = StreamId(u16_at<4>(*fixed)),
                   .sequence = StreamSequence(u16_at<6>(*fixed)),
                   .ppid = Ppid(u32_at<8>(*fixed)),
                   .payload = chunk.value.subspan(kFixedBytes)};
}

void DataChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, data_flags(*this), bytes());
  writer.u32(tsn.value());
  writer.u16(stream.value());
  writer.u16(sequence.value());
  writer.u32(ppid.value());
  writer.append(payload);
}

bool operator==(const DataChunk& a, const DataChunk& b) {
  return data_flags(a) == data_flags(b) && a.tsn == b.tsn && a.stream == b.stream &&
         a.sequence == b.sequence && a.ppid == b.ppid && std::ranges::equal(a.payload, b.payload);
}

std::string to_string(const DataChunk& chunk) {
  return fmt::format("DATA {} tsn={} stream={} sequence={} ppid={} bytes={}",
                     data_flags_text(chunk), chunk.tsn.value(), chunk.stream.value(),
                     chunk.sequence.value(), chunk.ppid.value(), chunk.payload.size());
}

}  // namespace mayfly::sctp
