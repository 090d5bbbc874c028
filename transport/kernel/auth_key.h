#pragma once

#include <filesystem>
#include <string_view>

#include "core/bytes.h"
#include "core/result.h"

namespace mayfly {

// The secret that both sides of an authenticated association know (RFC 4895 5.1). No text of it is
// ever made, and no error tells any of it.
class AuthKey {
 public:
  // Short keys can be tried out by whoever hears one packet.
  static constexpr size_t kFewestBytes = 16;
  static constexpr size_t kMostBytes = 128;

  // Hexadecimal digits, two for a byte; white space around them does not count.
  [[nodiscard]] static Result<AuthKey> parse(std::string_view digits);
  // Of a file that nobody but its owner can read.
  [[nodiscard]] static Result<AuthKey> read(const std::filesystem::path& file);

  [[nodiscard]] ByteView bytes() const { return bytes_; }
  friend bool operator==(const AuthKey&, const AuthKey&) = default;

 private:
  explicit AuthKey(Bytes bytes) : bytes_(std::move(bytes)) {}

  Bytes bytes_;
};

}  // namespace mayfly
