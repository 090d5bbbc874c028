#pragma once

#include <optional>
#include <string>

#include "core/bytes.h"
#include "transport/sctp/packet/chunk.h"
#include "transport/sctp/packet/types.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |   Type = 1    |  Chunk Flags  |         Chunk Length          |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                         Initiate Tag                          |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |           Advertised Receiver Window Credit (a_rwnd)          |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |  Number of Outbound Streams   |   Number of Inbound Streams   |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                          Initial TSN                          |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /              Optional/Variable-Length Parameters              /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Asks for an association (RFC 9260 3.3.2).
struct InitChunk {
  static constexpr ChunkType kType = ChunkType::Init;
  static constexpr size_t kHeaderBytes = 20;

  VerificationTag initiate_tag{};  // 0 parses: what then happens is RFC 9260 3.3.2's to say
  uint32_t a_rwnd = 0;
  uint16_t outbound_streams = 0;  // 0 parses, as above
  uint16_t inbound_streams = 0;   // 0 parses, as above
  Tsn initial_tsn{};
  ByteView parameters{};  // for InitParameters::parse(); written by an InitParameterWriter

  [[nodiscard]] static std::optional<InitChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kHeaderBytes + parameters.size(); }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const InitChunk& a, const InitChunk& b);
};

[[nodiscard]] std::string to_string(const InitChunk& chunk);

}  // namespace mayfly::sctp
