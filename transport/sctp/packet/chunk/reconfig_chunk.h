#pragma once

#include <optional>
#include <string>

#include "core/bytes.h"
#include "transport/sctp/packet/chunk.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |  Type = 130   |  Chunk Flags  |         Chunk Length          |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /                  Re-configuration Parameter                   /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /             Re-configuration Parameter (optional)             /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Asks to reset or add streams, or answers that (RFC 6525 3.1).
struct ReconfigChunk {
  static constexpr ChunkType kType = ChunkType::Reconfig;

  ByteView parameters{};  // of reconfig_parameters.h: one or two

  [[nodiscard]] static std::optional<ReconfigChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kChunkHeaderBytes + parameters.size(); }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const ReconfigChunk& a, const ReconfigChunk& b);
};

[[nodiscard]] std::string to_string(const ReconfigChunk& chunk);

}  // namespace mayfly::sctp
