#pragma once

#include <optional>
#include <string>

#include "core/bytes.h"
#include "transport/sctp/packet/chunk.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |   Type = 10   |  Chunk Flags  |            Length             |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /                            Cookie                             /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Gives the state cookie of the INIT ACK back to its maker (RFC 9260 3.3.11). DATA may follow it in
// the same packet.
struct CookieEchoChunk {
  static constexpr ChunkType kType = ChunkType::CookieEcho;

  ByteView cookie{};

  [[nodiscard]] static std::optional<CookieEchoChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kChunkHeaderBytes + cookie.size(); }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const CookieEchoChunk& a, const CookieEchoChunk& b);
};

[[nodiscard]] std::string to_string(const CookieEchoChunk& chunk);

}  // namespace mayfly::sctp
