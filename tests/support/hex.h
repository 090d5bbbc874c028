#pragma once

#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/check.h"

namespace mayfly {

// Bytes as documents and tests write them: "11 03 0000012c", spaces where they help.
[[nodiscard]] inline Bytes from_hex(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  Bytes bytes;
  bool half = false;
  for (const char each : text) {
    if (each == ' ' || each == '\n') continue;
    const size_t digit = kDigits.find(each);
    MAYFLY_CHECK(digit != std::string_view::npos);
    if (half) {
      bytes.back() |= static_cast<std::byte>(digit);
    } else {
      bytes.push_back(static_cast<std::byte>(digit << 4));
    }
    half = !half;
  }
  MAYFLY_CHECK(!half);
  return bytes;
}

[[nodiscard]] inline std::string to_hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte each : bytes) {
    text += kDigits[std::to_integer<size_t>(each) >> 4];
    text += kDigits[std::to_integer<size_t>(each) & 15];
  }
  return text;
}

}  // namespace mayfly
