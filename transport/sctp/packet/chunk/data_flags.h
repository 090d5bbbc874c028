#pragma once

#include <cstdint>
#include <string>

namespace mayfly::sctp {

// The flags of DATA (RFC 9260 3.3.1, RFC 7053 3), which I-DATA shares (RFC 8260 2.1).
namespace data_flag {
inline constexpr unsigned kEnd = 1;
inline constexpr unsigned kBeginning = 2;
inline constexpr unsigned kUnordered = 4;
inline constexpr unsigned kImmediate = 8;
}  // namespace data_flag

template <class Chunk>
[[nodiscard]] constexpr uint8_t data_flags(const Chunk& chunk) {
  return static_cast<uint8_t>((chunk.immediate ? data_flag::kImmediate : 0U) |
                              (chunk.unordered ? data_flag::kUnordered : 0U) |
                              (chunk.beginning ? data_flag::kBeginning : 0U) |
                              (chunk.end ? data_flag::kEnd : 0U));
}

// "IUBE", with a dash for each that is not set.
template <class Chunk>
[[nodiscard]] std::string data_flags_text(const Chunk& chunk) {
  return {chunk.immediate ? 'I' : '-', chunk.unordered ? 'U' : '-', chunk.beginning ? 'B' : '-',
          chunk.end ? 'E' : '-'};
}

}  // namespace mayfly::sctp
