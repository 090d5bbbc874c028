#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace mayfly {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;
// Bytes shared read-only by many owners: one coded frame goes to every player that watches the
// clip.
using Payload = std::shared_ptr<const Bytes>;

[[nodiscard]] ByteView as_bytes(std::string_view text);
[[nodiscard]] std::string_view as_text(ByteView bytes);

// Reads big-endian values from the front of a view. A read past the end returns zeros and makes the
// reader fail for good, so a header is read in straight lines and checked once at the end.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  [[nodiscard]] uint8_t u8();
  [[nodiscard]] uint16_t u16();
  [[nodiscard]] uint32_t u32();
  [[nodiscard]] uint64_t u64();
  [[nodiscard]] int64_t i64() { return static_cast<int64_t>(u64()); }
  // The next `count` bytes, or an empty view and failure.
  [[nodiscard]] ByteView take(size_t count);

  [[nodiscard]] ByteView rest() const { return bytes_; }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  [[nodiscard]] uint64_t big_endian(size_t count);

  ByteView bytes_;
  bool failed_ = false;
};

// Appends big-endian values to a buffer it borrows.
class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) : out_(out) {}

  void u8(uint8_t value) { big_endian(value, 1); }
  void u16(uint16_t value) { big_endian(value, 2); }
  void u32(uint32_t value) { big_endian(value, 4); }
  void u64(uint64_t value) { big_endian(value, 8); }
  void i64(int64_t value) { u64(static_cast<uint64_t>(value)); }
  void append(ByteView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }

 private:
  void big_endian(uint64_t value, size_t count);

  Bytes& out_;
};

}  // namespace mayfly
