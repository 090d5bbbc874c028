#include "core/check.h"
#include "transport/sctp/packet/crc32c.h"

#if defined(__x86_64__)

#include <emmintrin.h>
#include <nmmintrin.h>
#include <wmmintrin.h>

#include <cstring>

#define MAYFLY_CRC32C_TARGET __attribute__((target("sse4.2,pclmul")))

namespace mayfly::sctp {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // 0x1edc6f41, its bits mirrored

// The remainder of x to that power, its bits mirrored: bit 31 is x to the 0.
constexpr uint32_t power_of_x(unsigned power) {
  uint32_t remainder = 0x8000'0000;
  for (; power > 0; --power) {
    remainder = (remainder & 1) != 0 ? remainder >> 1 ^ kPolynomial : remainder >> 1;
  }
  return remainder;
}

// What a remainder must be multiplied with to have that many zero bytes behind it. The product of
// two mirrored 32 bit numbers comes out one place too low, and taking its own remainder by a crc32
// of 8 bytes puts 32 more zeros behind it: 33 bits are there already.
constexpr uint32_t factor_behind(unsigned bytes) { return power_of_x(8 * bytes - 33); }

// A crc32 instruction takes three cycles, and one can begin in each: three run side by side, over
// neighbouring blocks, and are put together at the end of them. The blocks are as long as a usual
// packet fills once, with a shorter kind for what is left.
constexpr unsigned kLongBlock = 384;
constexpr unsigned kShortBlock = 64;

uint64_t load(const std::byte* at) {
  uint64_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return value;
}

MAYFLY_CRC32C_TARGET uint64_t product(uint64_t remainder, uint32_t factor) {
  const __m128i a = _mm_cvtsi64_si128(static_cast<int64_t>(remainder));
  const __m128i b = _mm_cvtsi64_si128(static_cast<int64_t>(uint64_t{factor}));
  return static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_clmulepi64_si128(a, b, 0)));
}

template <unsigned kBlock>
MAYFLY_CRC32C_TARGET uint64_t extend_by_three_blocks(uint64_t remainder, const std::byte* at) {
  constexpr uint32_t kBehindOne = factor_behind(kBlock);
  constexpr uint32_t kBehindTwo = factor_behind(2 * kBlock);
  uint64_t first = remainder;
  uint64_t second = 0;
  uint64_t third = 0;
  for (unsigned i = 0; i < kBlock; i += 8) {
    first = _mm_crc32_u64(first, load(at + i));
    second = _mm_crc32_u64(second, load(at + kBlock + i));
    third = _mm_crc32_u64(third, load(at + 2 * kBlock + i));
  }
  return _mm_crc32_u64(0, product(first, kBehindTwo) ^ product(second, kBehindOne)) ^ third;
}

}  // namespace

bool has_crc32c_instructions() {
  return __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("pclmul") != 0;
}

MAYFLY_CRC32C_TARGET uint32_t extend_crc32c_by_instructions(uint32_t crc, ByteView bytes) {
  uint64_t remainder = ~crc;
  while (bytes.size() >= size_t{3} * kLongBlock) {
    remainder = extend_by_three_blocks<kLongBlock>(remainder, bytes.data());
    bytes = bytes.subspan(size_t{3} * kLongBlock);
  }
  while (bytes.size() >= size_t{3} * kShortBlock) {
    remainder = extend_by_three_blocks<kShortBlock>(remainder, bytes.data());
    bytes = bytes.subspan(size_t{3} * kShortBlock);
  }
  while (bytes.size() >= 8) {
    remainder = _mm_crc32_u64(remainder, load(bytes.data()));
    bytes = bytes.subspan(8);
  }
  auto short_remainder = static_cast<uint32_t>(remainder);
  for (const std::byte byte : bytes) {
    short_remainder = _mm_crc32_u8(short_remainder, std::to_integer<uint8_t>(byte));
  }
  return ~short_remainder;
}

}  // namespace mayfly::sctp

#else

namespace mayfly::sctp {

bool has_crc32c_instructions() { return false; }

uint32_t extend_crc32c_by_instructions(uint32_t /*crc*/, ByteView /*bytes*/) {
  MAYFLY_CHECK(has_crc32c_instructions());
  return 0;
}

}  // namespace mayfly::sctp

#endif
