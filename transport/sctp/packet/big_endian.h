#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "core/bytes.h"
#include "core/check.h"

// Reading and writing packets in place, without allocation. Lengths of fixed parts are types, so
// the compiler proves that no field is read beyond its end.
namespace mayfly::sctp {

// The first `kBytes` of a view, when it has as many.
template <size_t kBytes>
[[nodiscard]] constexpr std::optional<std::span<const std::byte, kBytes>> fixed_part(
    ByteView bytes) {
  if (bytes.size() < kBytes) return std::nullopt;
  return bytes.first<kBytes>();
}

template <size_t kAt, size_t kBytes>
[[nodiscard]] constexpr uint8_t u8_at(std::span<const std::byte, kBytes> bytes) {
  static_assert(kBytes != std::dynamic_extent && kAt + 1 <= kBytes);
  return std::to_integer<uint8_t>(bytes[kAt]);
}

template <size_t kAt, size_t kBytes>
[[nodiscard]] constexpr uint16_t u16_at(std::span<const std::byte, kBytes> bytes) {
  static_assert(kBytes != std::dynamic_extent && kAt + 2 <= kBytes);
  return static_cast<uint16_t>(std::to_integer<uint32_t>(bytes[kAt]) << 8 |
                               std::to_integer<uint32_t>(bytes[kAt + 1]));
}

template <size_t kAt, size_t kBytes>
[[nodiscard]] constexpr uint32_t u32_at(std::span<const std::byte, kBytes> bytes) {
  static_assert(kBytes != std::dynamic_extent && kAt + 4 <= kBytes);
  return std::to_integer<uint32_t>(bytes[kAt]) << 24 |
         std::to_integer<uint32_t>(bytes[kAt + 1]) << 16 |
         std::to_integer<uint32_t>(bytes[kAt + 2]) << 8 | std::to_integer<uint32_t>(bytes[kAt + 3]);
}

// Chunks, parameters and causes each end at a multiple of four bytes (RFC 9260 3.2, 3.2.1).
[[nodiscard]] constexpr size_t padded(size_t bytes) { return (bytes + 3) / 4 * 4; }

// Writes big-endian fields one after another into memory that it borrows. Whoever writes has made
// sure of the room: running over is a bug of ours, and aborts.
class FieldWriter {
 public:
  explicit FieldWriter(std::span<std::byte> room) : room_(room) {}

  void u8(uint8_t value) { take(1)[0] = std::byte{value}; }
  void u16(uint16_t value) {
    const auto at = take(2);
    at[0] = static_cast<std::byte>(value >> 8);
    at[1] = static_cast<std::byte>(value & 0xff);
  }
  void u32(uint32_t value) {
    const auto at = take(4);
    at[0] = static_cast<std::byte>(value >> 24);
    at[1] = static_cast<std::byte>(value >> 16 & 0xff);
    at[2] = static_cast<std::byte>(value >> 8 & 0xff);
    at[3] = static_cast<std::byte>(value & 0xff);
  }
  void u64(uint64_t value) {
    u32(static_cast<uint32_t>(value >> 32));
    u32(static_cast<uint32_t>(value & 0xffff'ffff));
  }
  // By memcpy: the algorithms of the standard library go byte by byte here (g++ 12, -O2).
  void append(ByteView bytes) {
    const auto at = take(bytes.size());
    if (!bytes.empty()) std::memcpy(at.data(), bytes.data(), bytes.size());
  }
  void zeros(size_t count) {
    const auto at = take(count);
    if (count > 0) std::memset(at.data(), 0, count);
  }

  [[nodiscard]] size_t room() const { return room_.size(); }

 private:
  std::span<std::byte> take(size_t count) {
    MAYFLY_CHECK(count <= room_.size());
    const auto taken = room_.first(count);
    room_ = room_.subspan(count);
    return taken;
  }

  std::span<std::byte> room_;
};

}  // namespace mayfly::sctp
