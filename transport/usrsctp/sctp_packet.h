#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/bytes.h"

namespace mayfly {

// Chunk types of RFC 9260 3.2, as far as the guard in front of the stack looks at them.
namespace sctp_chunk {
inline constexpr uint8_t kData = 0;
inline constexpr uint8_t kInit = 1;
inline constexpr uint8_t kInitAck = 2;
inline constexpr uint8_t kSack = 3;
inline constexpr uint8_t kHeartbeat = 4;
inline constexpr uint8_t kHeartbeatAck = 5;
inline constexpr uint8_t kAbort = 6;
inline constexpr uint8_t kShutdown = 7;
inline constexpr uint8_t kShutdownAck = 8;
inline constexpr uint8_t kCookieEcho = 10;
inline constexpr uint8_t kShutdownComplete = 14;
inline constexpr uint8_t kIData = 64;
}  // namespace sctp_chunk

// The T bit of ABORT and SHUTDOWN COMPLETE: the tag is the sender's own (RFC 9260 8.5.1).
inline constexpr uint8_t kReflectedTagFlag = 1;

inline constexpr size_t kSctpHeaderBytes = 12;
inline constexpr size_t kDataChunkHeaderBytes = 16;

// One chunk, without its padding. `body` begins after the four bytes of type, flags and length.
struct SctpChunk {
  uint8_t type = 0;
  uint8_t flags = 0;
  ByteView body;
};

// What can be read from an SCTP packet without an association (RFC 9260 3). A view: it must not
// outlive the packet.
class SctpPacket {
 public:
  // Nothing when the bytes cannot be a packet: no whole header, no whole first chunk.
  [[nodiscard]] static std::optional<SctpPacket> parse(ByteView bytes);

  [[nodiscard]] uint16_t source_port() const { return source_port_; }
  [[nodiscard]] uint16_t destination_port() const { return destination_port_; }
  [[nodiscard]] uint32_t verification_tag() const { return verification_tag_; }
  [[nodiscard]] const SctpChunk& first_chunk() const { return first_; }
  [[nodiscard]] ByteView bytes() const { return bytes_; }

  // The chunk after `rest`'s front, which begins at chunks(); nothing at the end or at one that is
  // cut off.
  [[nodiscard]] ByteView chunks() const { return bytes_.subspan(kSctpHeaderBytes); }
  [[nodiscard]] static std::optional<SctpChunk> next_chunk(ByteView& rest);

  // Of INIT and INIT ACK: the tag that the other side must use from now on.
  [[nodiscard]] static std::optional<uint32_t> initiate_tag(const SctpChunk& chunk);
  // Of DATA and I-DATA.
  [[nodiscard]] static std::optional<uint32_t> tsn(const SctpChunk& chunk);
  // Of SACK and SHUTDOWN.
  [[nodiscard]] static std::optional<uint32_t> cumulative_ack(const SctpChunk& chunk);
  // Of ABORT: what its sender's program said (RFC 9260 3.3.10.12), else the cause in words.
  [[nodiscard]] static std::string abort_reason(const SctpChunk& chunk);

 private:
  ByteView bytes_;
  uint16_t source_port_ = 0;
  uint16_t destination_port_ = 0;
  uint32_t verification_tag_ = 0;
  SctpChunk first_;
};

// Serial number arithmetic of TSNs (RFC 1982): whether `a` comes after `b`.
[[nodiscard]] constexpr bool is_later_tsn(uint32_t a, uint32_t b) {
  return a != b && a - b < 0x8000'0000U;
}

// The answer to a SHUTDOWN ACK of an association that is already gone (RFC 9260 8.4, 5), with the
// checksum still zero.
[[nodiscard]] Bytes shutdown_complete_for(const SctpPacket& shutdown_ack);
// Writes the checksum into a packet, in the byte order of the wire (RFC 9260 appendix A).
void set_checksum(Bytes& packet, uint32_t crc32c);

}  // namespace mayfly
