#pragma once

#include <optional>
#include <string>

#include "transport/sctp/packet/chunk.h"
#include "transport/sctp/packet/types.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |   Type = 7    |  Chunk Flags  |          Length = 8           |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                      Cumulative TSN Ack                       |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Asks to end the association once all is delivered, and tells what has arrived (RFC 9260 3.3.8).
struct ShutdownChunk {
  static constexpr ChunkType kType = ChunkType::Shutdown;
  static constexpr size_t kHeaderBytes = 8;

  Tsn cumulative_tsn{};

  [[nodiscard]] static std::optional<ShutdownChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kHeaderBytes; }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const ShutdownChunk&, const ShutdownChunk&) = default;
};

[[nodiscard]] std::string to_string(const ShutdownChunk& chunk);

}  // namespace mayfly::sctp
