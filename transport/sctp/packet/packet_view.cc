#include "transport/sctp/packet/packet_view.h"

#include <array>

#include "transport/sctp/packet/crc32c.h"

namespace mayfly::sctp {
namespace {

constexpr size_t kChecksumAt = 8;
constexpr size_t kChecksumBytes = 4;

uint32_t checksum_in(std::span<const std::byte, kChecksumBytes> field) {
  return std::to_integer<uint32_t>(field[0]) | std::to_integer<uint32_t>(field[1]) << 8 |
         std::to_integer<uint32_t>(field[2]) << 16 | std::to_integer<uint32_t>(field[3]) << 24;
}

}  // namespace

std::optional<PacketView> PacketView::parse(ByteView bytes) {
  const auto fixed = fixed_part<kCommonHeaderBytes + kChunkHeaderBytes>(bytes);
  if (!fixed) return std::nullopt;
  return PacketView(bytes, CommonHeader{.source_port = u16_at<0>(*fixed),
                                        .destination_port = u16_at<2>(*fixed),
                                        .verification_tag = VerificationTag(u32_at<4>(*fixed))});
}

bool PacketView::is_intact(ZeroChecksum zero) const {
  const uint32_t field = checksum_in(bytes_.subspan<kChecksumAt, kChecksumBytes>());
  return (field == 0 && zero == ZeroChecksum::Accepted) || field == checksum_of(bytes_);
}

uint32_t checksum_of(std::span<const std::byte> packet) {
  MAYFLY_CHECK(packet.size() >= kCommonHeaderBytes);
  constexpr std::array<std::byte, kChecksumBytes> kZeros{};
  uint32_t crc = crc32c(packet.first(kChecksumAt));
  crc = extend_crc32c(crc, kZeros);
  return extend_crc32c(crc, packet.subspan(kCommonHeaderBytes));
}

void write_common_header(FieldWriter& writer, const CommonHeader& header) {
  writer.u16(header.source_port);
  writer.u16(header.destination_port);
  writer.u32(header.verification_tag.value());
  writer.u32(0);
}

void set_checksum(std::span<std::byte> packet) {
  const uint32_t crc = checksum_of(packet);
  for (size_t i = 0; i < kChecksumBytes; ++i) {
    packet[kChecksumAt + i] = static_cast<std::byte>(crc >> (8 * i) & 0xff);
  }
}

}  // namespace mayfly::sctp
