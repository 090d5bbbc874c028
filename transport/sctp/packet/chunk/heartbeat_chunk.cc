#include "transport/sctp/packet/chunk/heartbeat_chunk.h"

#include <fmt/format.h>

#include <algorithm>

#include "transport/sctp/packet/chunk/heartbeat_info.h"

namespace mayfly::sctp {

std::optional<HeartbeatChunk> HeartbeatChunk::parse(const ChunkView& chunk) {
  if (chunk.type != kType) return std::nullopt;
  const auto info = read_heartbeat_info(chunk.value);
  if (!info) return std::nullopt;
  return HeartbeatChunk{.info = *info};
}

void HeartbeatChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, 0, bytes());
  write_heartbeat_info(writer, info);
}

bool operator==(const HeartbeatChunk& a, const HeartbeatChunk& b) {
  return std::ranges::equal(a.info, b.info);
}

std::string to_string(const HeartbeatChunk& chunk) {
  return fmt::format("{} bytes={}", to_string(HeartbeatChunk::kType), chunk.info.size());
}

}  // namespace mayfly::sctp
