#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/bytes.h"
#include "transport/sctp/packet/chunk.h"
#include "transport/sctp/packet/types.h"

namespace mayfly::sctp {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |      Source Port Number        |     Destination Port Number  |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                      Verification Tag                         |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                           Checksum                            |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
inline constexpr size_t kCommonHeaderBytes = 12;

// Who speaks to whom (RFC 9260 3.1), apart from the checksum.
struct CommonHeader {
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  VerificationTag verification_tag{};

  friend bool operator==(const CommonHeader&, const CommonHeader&) = default;
};

// Whether packets may come with a checksum of 0 in place of the right one, because both ends agreed
// on another way to find errors (RFC 9653).
enum class ZeroChecksum : uint8_t { Refused, Accepted };

// A received SCTP packet (RFC 9260 3): its header, and its chunks one by one. Neither copies nor
// allocates; it must not outlive the bytes.
class PacketView {
 public:
  // Nothing when the bytes do not hold a whole header and the beginning of a chunk. The checksum is
  // is_intact()'s business, the chunks are chunks()'s.
  [[nodiscard]] static std::optional<PacketView> parse(ByteView bytes);

  [[nodiscard]] const CommonHeader& header() const { return header_; }
  [[nodiscard]] ChunkReader chunks() const {
    return ChunkReader(bytes_.subspan(kCommonHeaderBytes));
  }
  // Whether the checksum is that of the bytes, or is one that need not be.
  [[nodiscard]] bool is_intact(ZeroChecksum zero) const;
  [[nodiscard]] ByteView bytes() const { return bytes_; }

 private:
  PacketView(ByteView bytes, const CommonHeader& header) : bytes_(bytes), header_(header) {}

  ByteView bytes_;
  CommonHeader header_;
};

// The checksum that a packet should have: the CRC32c of all of it, its checksum field taken as 0
// (RFC 9260 6.8).
[[nodiscard]] uint32_t checksum_of(std::span<const std::byte> packet);
// Writes the header with a checksum of 0.
void write_common_header(FieldWriter& writer, const CommonHeader& header);
// Writes the checksum of the packet into it. It goes least significant byte first, unlike all other
// fields (RFC 9260 appendix A).
void set_checksum(std::span<std::byte> packet);

}  // namespace mayfly::sctp
