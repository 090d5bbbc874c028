#pragma once

#include <optional>
#include <string>

#include "transport/sctp/packet/chunk.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |   Type = 11   |  Chunk Flags  |          Length = 4           |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Answers a COOKIE ECHO: the association is up (RFC 9260 3.3.12).
struct CookieAckChunk {
  static constexpr ChunkType kType = ChunkType::CookieAck;

  [[nodiscard]] static std::optional<CookieAckChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kChunkHeaderBytes; }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const CookieAckChunk&, const CookieAckChunk&) = default;
};

[[nodiscard]] std::string to_string(const CookieAckChunk& chunk);

}  // namespace mayfly::sctp
