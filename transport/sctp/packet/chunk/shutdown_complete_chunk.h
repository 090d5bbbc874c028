#pragma once

#include <optional>
#include <string>

#include "transport/sctp/packet/chunk.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |   Type = 14   |  Reserved   |T|          Length = 4           |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Answers a SHUTDOWN ACK: the association is gone (RFC 9260 3.3.13).
struct ShutdownCompleteChunk {
  static constexpr ChunkType kType = ChunkType::ShutdownComplete;

  // The T bit: the packet's verification tag is the one its receiver sent, not the one it chose
  // (RFC 9260 8.5.1).
  bool tag_is_reflected = false;

  [[nodiscard]] static std::optional<ShutdownCompleteChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kChunkHeaderBytes; }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const ShutdownCompleteChunk&, const ShutdownCompleteChunk&) = default;
};

[[nodiscard]] std::string to_string(const ShutdownCompleteChunk& chunk);

}  // namespace mayfly::sctp
