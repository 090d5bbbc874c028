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
//   |   Type = 64   |  Res  |I|U|B|E|       Length = Variable       |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                              TSN                              |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |        Stream Identifier      |           Reserved            |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                      Message Identifier                       |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |    Payload Protocol Identifier / Fragment Sequence Number     |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /                           User Data                           /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// A message or a fragment of one, where messages may be interleaved (RFC 8260 2.1). The last field
// is the payload protocol identifier in the beginning of a message and counts fragments in all
// others; the first fragment has number 0.
struct IDataChunk {
  static constexpr ChunkType kType = ChunkType::IData;
  static constexpr size_t kHeaderBytes = 20;

  bool immediate = false;  // the sender wants the SACK at once (RFC 7053)
  bool unordered = false;
  bool beginning = false;
  bool end = false;
  Tsn tsn{};
  StreamId stream{};
  MessageIdentifier message{};
  Ppid ppid{};                  // travels with the beginning only; 0 in all others
  FragmentSequence fragment{};  // 0 in the beginning
  ByteView payload{};           // as of DataChunk

  [[nodiscard]] static std::optional<IDataChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kHeaderBytes + payload.size(); }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const IDataChunk& a, const IDataChunk& b);
};

[[nodiscard]] std::string to_string(const IDataChunk& chunk);

}  // namespace mayfly::sctp
