#include "transport/sctp/packet/chunk/i_data_chunk.h"

#include <fmt/format.h>

#include <algorithm>

#include "transport/sctp/packet/chunk/data_flags.h"

namespace mayfly::sctp {

std::optional<IDataChunk> IDataChunk::parse(const ChunkView& chunk) {
  constexpr size_t kFixedBytes = kHeaderBytes - kChunkHeaderBytes;
  const auto fixed = fixed_part<kFixedBytes>(chunk.value);
  if (chunk.type != kType || !fixed) return std::nullopt;
  const bool beginning = (chunk.flags & data_flag::kBeginning) != 0;
  const uint32_t shared = u32_at<12>(*fixed);
  return IDataChunk{.immediate = (chunk.flags & data_flag::kImmediate) != 0,
                    .unordered = (chunk.flags & data_flag::kUnordered) != 0,
                    .beginning = beginning,
                    .end = (chunk.flags & data_flag::kEnd) != 0,
                    .tsn = Tsn(u32_at<0>(*fixed)),
                    .stream = StreamId(u16_at<4>(*fixed)),
                    .message = MessageIdentifier(u32_at<8>(*fixed)),
                    .ppid = Ppid(beginning ? shared : 0),
                    .fragment = FragmentSequence(beginning ? 0 : shared),
                    .payload = chunk.value.subspan(kFixedBytes)};
}

void IDataChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, data_flags(*this), bytes());
  writer.u32(tsn.value());
  writer.u16(stream.value());
  writer.u16(0);
  writer.u32(message.value());
  writer.u32(beginning ? ppid.value() : fragment.value());
  writer.append(payload);
}

bool operator==(const IDataChunk& a, const IDataChunk& b) {
  return data_flags(a) == data_flags(b) && a.tsn == b.tsn && a.stream == b.stream &&
         a.message == b.message && a.ppid == b.ppid && a.fragment == b.fragment &&
         std::ranges::equal(a.payload, b.payload);
}

std::string to_string(const IDataChunk& chunk) {
  return fmt::format("I-DATA {} tsn={} stream={} message={} {}={} bytes={}", data_flags_text(chunk),
                     chunk.tsn.value(), chunk.stream.value(), chunk.message.value(),
                     chunk.beginning ? "ppid" : "fragment",
                     chunk.beginning ? chunk.ppid.value() : chunk.fragment.value(),
                     chunk.payload.size());
}

}  // namespace mayfly::sctp
