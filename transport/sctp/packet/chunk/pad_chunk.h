#pragma once

#include <optional>
#include <string>

#include "transport/sctp/packet/chunk.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |  Type = 132   |    Flags=0    |            Length             |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /                         Padding Data                          /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Makes a packet longer, and is ignored (RFC 4820 3).
struct PadChunk {
  static constexpr ChunkType kType = ChunkType::Pad;

  size_t padding_bytes = 0;  // at most kMaxChunkBytes - kChunkHeaderBytes; all zero when sent

  [[nodiscard]] static std::optional<PadChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kChunkHeaderBytes + padding_bytes; }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const PadChunk&, const PadChunk&) = default;
};

[[nodiscard]] std::string to_string(const PadChunk& chunk);

}  // namespace mayfly::sctp
