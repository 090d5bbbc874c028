#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/bytes.h"
#include "transport/sctp/packet/big_endian.h"
#include "transport/sctp/packet/wire_list.h"

namespace mayfly::sctp {

// A chunk's type may be any byte; these have a name.
enum class ChunkType : uint8_t {
  Data = 0,               // RFC 9260 3.3.1
  Init = 1,               // RFC 9260 3.3.2
  InitAck = 2,            // RFC 9260 3.3.3
  Sack = 3,               // RFC 9260 3.3.4
  Heartbeat = 4,          // RFC 9260 3.3.5
  HeartbeatAck = 5,       // RFC 9260 3.3.6
  Abort = 6,              // RFC 9260 3.3.7
  Shutdown = 7,           // RFC 9260 3.3.8
  ShutdownAck = 8,        // RFC 9260 3.3.9
  Error = 9,              // RFC 9260 3.3.10
  CookieEcho = 10,        // RFC 9260 3.3.11
  CookieAck = 11,         // RFC 9260 3.3.12
  Ecne = 12,              // RFC 9260 3.2, reserved for explicit congestion notification
  Cwr = 13,               // the same
  ShutdownComplete = 14,  // RFC 9260 3.3.13
  Auth = 15,              // RFC 4895: known by name only
  IData = 64,             // RFC 8260 2.1
  AsconfAck = 128,        // RFC 5061: known by name only
  Reconfig = 130,         // RFC 6525 3.1
  Pad = 132,              // RFC 4820 3
  ForwardTsn = 192,       // RFC 3758 3.2
  Asconf = 193,           // RFC 5061: known by name only
  IForwardTsn = 194,      // RFC 8260 2.3.1
};

// "DATA", "INIT ACK", as the RFCs write them; "chunk 99" for one that has no name.
[[nodiscard]] std::string to_string(ChunkType type);

// What the two highest bits of a type that is not understood ask for (RFC 9260 3.2 of chunks, 3.2.1
// of parameters).
struct UnknownRule {
  bool goes_on = false;  // with what follows in the packet, or in the chunk
  bool reports = false;  // to the sender, as an error cause or an unrecognized parameter

  friend bool operator==(const UnknownRule&, const UnknownRule&) = default;
};
[[nodiscard]] constexpr UnknownRule rule_for_unknown(ChunkType type) {
  const auto bits = static_cast<uint8_t>(type);
  return {(bits & 0x80U) != 0, (bits & 0x40U) != 0};
}

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |  Chunk Type   |  Chunk Flags  |         Chunk Length          |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /                          Chunk Value                          /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
inline constexpr size_t kChunkHeaderBytes = 4;
inline constexpr size_t kMaxChunkBytes = 0xffff;

// One chunk of a packet (RFC 9260 3.2): a view, which must not outlive the packet.
struct ChunkView {
  ChunkType type = ChunkType::Data;
  uint8_t flags = 0;
  ByteView value{};  // without header and padding
  ByteView whole{};  // with its header, without padding: what an error cause gives back
};

// Walks the chunks of a packet. Ends at the end or at a chunk that is cut off or shorter than its
// own header, which is_malformed() tells apart; the padding of the last one may be missing.
class ChunkReader {
 public:
  explicit ChunkReader(ByteView chunks) : rest_(chunks) {}

  [[nodiscard]] std::optional<ChunkView> next();
  [[nodiscard]] bool is_malformed() const { return is_malformed_; }

 private:
  ByteView rest_;
  bool is_malformed_ = false;
};

// The header of a chunk that takes `bytes` in all, without padding; that is for whoever puts it
// into a packet.
void write_chunk_header(FieldWriter& writer, ChunkType type, uint8_t flags, size_t bytes);

// What every chunk type offers to be put into a packet by PacketBuilder: its length with header and
// without padding, and that many bytes.
template <class Chunk>
concept WritableChunk = requires(const Chunk& chunk, FieldWriter& writer) {
  { chunk.bytes() } -> std::convertible_to<size_t>;
  chunk.serialize_to(writer);
};

template <>
struct WireRecord<ChunkType> {
  static constexpr size_t kBytes = 1;
  static ChunkType read(std::span<const std::byte, kBytes> bytes) {
    return static_cast<ChunkType>(u8_at<0>(bytes));
  }
  static void write(FieldWriter& writer, ChunkType type) { writer.u8(static_cast<uint8_t>(type)); }
};

}  // namespace mayfly::sctp
