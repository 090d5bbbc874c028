#pragma once

#include <optional>
#include <string>

#include "core/bytes.h"
#include "transport/sctp/packet/chunk.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |   Type = 9    |  Chunk Flags  |            Length             |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /                    one or more Error Causes                   /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Tells of something that the peer did and that does not end the association (RFC 9260 3.3.10).
struct ErrorChunk {
  static constexpr ChunkType kType = ChunkType::Error;

  ByteView causes{};  // of error_cause.h

  [[nodiscard]] static std::optional<ErrorChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kChunkHeaderBytes + causes.size(); }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const ErrorChunk& a, const ErrorChunk& b);
};

[[nodiscard]] std::string to_string(const ErrorChunk& chunk);

}  // namespace mayfly::sctp
