#pragma once

#include <optional>
#include <string>

#include "core/bytes.h"
#include "transport/sctp/packet/chunk.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |   Type = 4    |  Chunk Flags  |       Heartbeat Length        |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |    Heartbeat Info Type = 1    |          Info Length          |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /                Sender-Specific Heartbeat Info                 /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Asks whether an address can be reached (RFC 9260 3.3.5), and with a PAD chunk beside it, whether
// packets of that size come through (RFC 8899 6.2).
struct HeartbeatChunk {
  static constexpr ChunkType kType = ChunkType::Heartbeat;
  static constexpr size_t kHeaderBytes = 8;

  ByteView info{};  // its sender's, and of no meaning to anybody else

  // Nothing also when no heartbeat info comes first.
  [[nodiscard]] static std::optional<HeartbeatChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kHeaderBytes + info.size(); }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const HeartbeatChunk& a, const HeartbeatChunk& b);
};

[[nodiscard]] std::string to_string(const HeartbeatChunk& chunk);

}  // namespace mayfly::sctp
