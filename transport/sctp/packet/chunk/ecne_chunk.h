#pragma once

#include <optional>
#include <string>

#include "transport/sctp/packet/chunk.h"
#include "transport/sctp/packet/types.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |   Type = 12   |  Chunk Flags  |          Length = 8           |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                       Lowest TSN Number                       |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Says that a packet came marked by a congested router; draft-stewart-tsvwg-sctpecn keeps this
// shape of RFC 2960 appendix A. Recognised, never sent: nothing under this stack tells of such
// marks.
struct EcneChunk {
  static constexpr ChunkType kType = ChunkType::Ecne;
  static constexpr size_t kHeaderBytes = 8;

  Tsn lowest_tsn{};

  [[nodiscard]] static std::optional<EcneChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kHeaderBytes; }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const EcneChunk&, const EcneChunk&) = default;
};

[[nodiscard]] std::string to_string(const EcneChunk& chunk);

}  // namespace mayfly::sctp
