#pragma once

#include <optional>
#include <string>

#include "transport/sctp/packet/chunk.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |   Type = 8    |  Chunk Flags  |          Length = 4           |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Answers a SHUTDOWN when nothing is outstanding any more (RFC 9260 3.3.9).
struct ShutdownAckChunk {
  static constexpr ChunkType kType = ChunkType::ShutdownAck;

  [[nodiscard]] static std::optional<ShutdownAckChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kChunkHeaderBytes; }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const ShutdownAckChunk&, const ShutdownAckChunk&) = default;
};

[[nodiscard]] std::string to_string(const ShutdownAckChunk& chunk);

}  // namespace mayfly::sctp
