#pragma once

#include <optional>
#include <string>

#include "core/bytes.h"
#include "transport/sctp/packet/chunk.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |   Type = 6    |  Reserved   |T|            Length             |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /                   zero or more Error Causes                   /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Ends the association at once (RFC 9260 3.3.7).
struct AbortChunk {
  static constexpr ChunkType kType = ChunkType::Abort;

  // The T bit: the packet's verification tag is the one its receiver sent, not the one it chose
  // (RFC 9260 8.5.1).
  bool tag_is_reflected = false;
  ByteView causes{};  // of error_cause.h

  [[nodiscard]] static std::optional<AbortChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kChunkHeaderBytes + causes.size(); }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const AbortChunk& a, const AbortChunk& b);
};

[[nodiscard]] std::string to_string(const AbortChunk& chunk);

}  // namespace mayfly::sctp
