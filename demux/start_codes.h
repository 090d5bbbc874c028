#pragma once

#include <algorithm>
#include <cstring>
#include <optional>

#include "core/bytes.h"

namespace mayfly {

// Walks the start codes (00 00 01 xx) of an MPEG elementary stream.
class StartCodes {
 public:
  struct Code {
    size_t start = 0;   // of the first zero byte of the prefix
    size_t body = 0;    // after xx
    uint8_t value = 0;  // xx
  };

  explicit StartCodes(ByteView bytes) : bytes_(bytes) {}

  [[nodiscard]] std::optional<Code> next() {
    while (at_ + 3 < bytes_.size()) {
      const void* found = std::memchr(bytes_.data() + at_ + 2, 1, bytes_.size() - at_ - 3);
      if (found == nullptr) break;
      const auto one = static_cast<size_t>(static_cast<const std::byte*>(found) - bytes_.data());
      if (bytes_[one - 1] == std::byte{0} && bytes_[one - 2] == std::byte{0}) {
        at_ = one + 2;
        return Code{one - 2, one + 2, std::to_integer<uint8_t>(bytes_[one + 1])};
      }
      at_ = one - 1;
    }
    return std::nullopt;
  }

 private:
  ByteView bytes_;
  size_t at_ = 0;
};

}  // namespace mayfly
