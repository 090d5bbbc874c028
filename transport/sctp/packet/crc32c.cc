#include "transport/sctp/packet/crc32c.h"

#include <array>

namespace mayfly::sctp {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // 0x1edc6f41, its bits mirrored

using Table = std::array<uint32_t, 256>;

// tables[0] is the effect of one byte on the remainder; tables[n] that of a byte with n more behind
// it. So eight bytes take eight lookups that do not wait for each other ("slicing by 8").
constexpr std::array<Table, 8> make_tables() {
  std::array<Table, 8> tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder & 1) != 0 ? remainder >> 1 ^ kPolynomial : remainder >> 1;
    }
    tables[0][byte] = remainder;
  }
  for (size_t n = 1; n < tables.size(); ++n) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[n - 1][byte];
      tables[n][byte] = before >> 8 ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr std::array<Table, 8> kTables = make_tables();

uint32_t little_endian(ByteView bytes) {
  return std::to_integer<uint32_t>(bytes[0]) | std::to_integer<uint32_t>(bytes[1]) << 8 |
         std::to_integer<uint32_t>(bytes[2]) << 16 | std::to_integer<uint32_t>(bytes[3]) << 24;
}

}  // namespace

uint32_t extend_crc32c_portably(uint32_t crc, ByteView bytes) {
  uint32_t remainder = ~crc;
  while (bytes.size() >= 8) {
    const uint32_t low = remainder ^ little_endian(bytes);
    const uint32_t high = little_endian(bytes.subspan(4));
    remainder = kTables[7][low & 0xff] ^ kTables[6][low >> 8 & 0xff] ^
                kTables[5][low >> 16 & 0xff] ^ kTables[4][low >> 24] ^ kTables[3][high & 0xff] ^
                kTables[2][high >> 8 & 0xff] ^ kTables[1][high >> 16 & 0xff] ^
                kTables[0][high >> 24];
    bytes = bytes.subspan(8);
  }
  for (const std::byte byte : bytes) {
    remainder = remainder >> 8 ^ kTables[0][(remainder ^ std::to_integer<uint32_t>(byte)) & 0xff];
  }
  return ~remainder;
}

uint32_t extend_crc32c(uint32_t crc, ByteView bytes) {
  static const auto extend =
      has_crc32c_instructions() ? extend_crc32c_by_instructions : extend_crc32c_portably;
  return extend(crc, bytes);
}

uint32_t crc32c(ByteView bytes) { return extend_crc32c(0, bytes); }

}  // namespace mayfly::sctp
