#pragma once

#include <optional>
#include <string>

#include "core/bytes.h"
#include "core/ids.h"
#include "transport/sctp/packet/chunk.h"
#include "transport/sctp/packet/types.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |   Type = 0    |  Res  |I|U|B|E|            Length             |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                              TSN                              |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |      Stream Identifier S      |   Stream Sequence Number n    |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                  Payload Protocol Identifier                  |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /                 User Data (seq n of Stream S)                 /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// A message or a fragment of one (RFC 9260 3.3.1).
struct DataChunk {
  static constexpr ChunkType kType = ChunkType::Data;
  static constexpr size_t kHeaderBytes = 16;

  bool immediate = false;  // the sender wants the SACK at once (RFC 7053)
  bool unordered = false;
  bool beginning = false;
  bool end = false;
  Tsn tsn{};
  StreamId stream{};
  StreamSequence sequence{};  // of no meaning when unordered
  Ppid ppid{};
  // A view of the packet or of the message. Parses when empty, though RFC 9260 6.2 has the receiver
  // abort then, with the cause No User Data.
  ByteView payload{};

  [[nodiscard]] static std::optional<DataChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kHeaderBytes + payload.size(); }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const DataChunk& a, const DataChunk& b);
};

[[nodiscard]] std::string to_string(const DataChunk& chunk);

}  // namespace mayfly::sctp
