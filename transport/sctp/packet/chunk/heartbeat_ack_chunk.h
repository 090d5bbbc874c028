#pragma once

#include <optional>
#include <string>

#include "core/bytes.h"
#include "transport/sctp/packet/chunk.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |   Type = 5    |  Chunk Flags  |       Heartbeat Length        |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |    Heartbeat Info Type = 1    |          Info Length          |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /                Sender-Specific Heartbeat Info                 /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Gives the info of a HEARTBEAT back as it came (RFC 9260 3.3.6).
struct HeartbeatAckChunk {
  static constexpr ChunkType kType = ChunkType::HeartbeatAck;
  static constexpr size_t kHeaderBytes = 8;

  ByteView info{};  // its sender's, and of no meaning to anybody else

  // Nothing also when no heartbeat info comes first.
  [[nodiscard]] static std::optional<HeartbeatAckChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kHeaderBytes + info.size(); }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const HeartbeatAckChunk& a, const HeartbeatAckChunk& b);
};

[[nodiscard]] std::string to_string(const HeartbeatAckChunk& chunk);

}  // namespace mayfly::sctp
