#pragma once

#include <cstdint>

#include "core/bytes.h"

namespace mayfly::sctp {

// CRC32c, the Castagnoli polynomial (RFC 9260 appendix A; RFC 3720 12.1), by the processor's own
// instructions where it has them (x86-64 with SSE 4.2 and PCLMULQDQ, looked up once at run time).
[[nodiscard]] uint32_t crc32c(ByteView bytes);
// Goes on where a crc32c() of the bytes before ended: crc32c(ab) == extend_crc32c(crc32c(a), b).
[[nodiscard]] uint32_t extend_crc32c(uint32_t crc, ByteView bytes);

// The two ways there are, for tests and benchmarks to compare. The second must be called only where
// has_crc32c_instructions().
[[nodiscard]] uint32_t extend_crc32c_portably(uint32_t crc, ByteView bytes);
[[nodiscard]] uint32_t extend_crc32c_by_instructions(uint32_t crc, ByteView bytes);
[[nodiscard]] bool has_crc32c_instructions();

}  // namespace mayfly::sctp
