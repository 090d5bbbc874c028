#pragma once

#include <optional>
#include <string>

#include "transport/sctp/packet/chunk.h"
#include "transport/sctp/packet/types.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |   Type = 13   |  Chunk Flags  |          Length = 8           |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                       Lowest TSN Number                       |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Answers an ECNE: the window was reduced; draft-stewart-tsvwg-sctpecn keeps this shape of RFC 2960
// appendix A. Recognised, never sent.
struct CwrChunk {
  static constexpr ChunkType kType = ChunkType::Cwr;
  static constexpr size_t kHeaderBytes = 8;

  Tsn lowest_tsn{};

  [[nodiscard]] static std::optional<CwrChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kHeaderBytes; }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const CwrChunk&, const CwrChunk&) = default;
};

[[nodiscard]] std::string to_string(const CwrChunk& chunk);

}  // namespace mayfly::sctp
