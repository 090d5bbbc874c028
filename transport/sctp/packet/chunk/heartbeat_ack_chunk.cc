#include "transport/sctp/packet/chunk/heartbeat_ack_chunk.h"

#include <fmt/format.h>

#include <algorithm>

#include "transport/sctp/packet/chunk/heartbeat_info.h"

namespace mayfly::sctp {

std::optional<HeartbeatAckChunk> HeartbeatAckChunk::parse(const ChunkView& chunk) {
  if (chunk.type != kType) return std::nullopt;
  const auto info = read_heartbeat_info(chunk.value);
  if (!info) return std::nullopt;
  return HeartbeatAckChunk{.info = *info};
}

void HeartbeatAckChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, 0, bytes());
  write_heartbeat_info(writer, info);
}

bool operator==(const HeartbeatAckChunk& a, const HeartbeatAckChunk& b) {
  return std::ranges::equal(a.info, b.info);
}

std::string to_string(const HeartbeatAckChunk& chunk) {
  return fmt::format("{} bytes={}", to_string(HeartbeatAckChunk::kType), chunk.info.size());
}

}  // namespace mayfly::sctp
