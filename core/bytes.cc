#include "core/bytes.h"

namespace mayfly {

ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

uint64_t ByteReader::big_endian(size_t count) {
  uint64_t value = 0;
  for (const std::byte byte : take(count)) value = value << 8 | std::to_integer<uint64_t>(byte);
  return value;
}

uint8_t ByteReader::u8() { return static_cast<uint8_t>(big_endian(1)); }
uint16_t ByteReader::u16() { return static_cast<uint16_t>(big_endian(2)); }
uint32_t ByteReader::u32() { return static_cast<uint32_t>(big_endian(4)); }
uint64_t ByteReader::u64() { return big_endian(8); }

ByteView ByteReader::take(size_t count) {
  if (failed_ || count > bytes_.size()) {
    failed_ = true;
    bytes_ = {};
    return {};
  }
  const ByteView taken = bytes_.first(count);
  bytes_ = bytes_.subspan(count);
  return taken;
}

void ByteWriter::big_endian(uint64_t value, size_t count) {
  for (size_t left = count; left > 0; --left) {
    out_.push_back(static_cast<std::byte>(value >> (8 * (left - 1)) & 0xff));
  }
}

}  // namespace mayfly
