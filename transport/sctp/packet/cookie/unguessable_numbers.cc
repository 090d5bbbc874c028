#include "transport/sctp/packet/cookie/unguessable_numbers.h"

#include <array>

#include "core/bytes.h"

namespace mayfly::sctp {

void UnguessableNumbers::fill(std::span<std::byte> out) {
  for (std::byte& each : out) {
    if (used_ == block_.size()) {
      Bytes counter;
      ByteWriter(counter).u64(counter_++);
      block_ = hmac_sha256(key_, counter);
      used_ = 0;
    }
    each = block_[used_++];
  }
}

uint64_t UnguessableNumbers::u64() {
  std::array<std::byte, sizeof(uint64_t)> bytes{};
  fill(bytes);
  return ByteReader(bytes).u64();
}

uint32_t UnguessableNumbers::u32() {
  std::array<std::byte, sizeof(uint32_t)> bytes{};
  fill(bytes);
  return ByteReader(bytes).u32();
}

uint32_t UnguessableNumbers::u32_but_zero() {
  uint32_t number = 0;
  while (number == 0) number = u32();
  return number;
}

CookieSecret UnguessableNumbers::secret() {
  CookieSecret drawn{};
  fill(drawn);
  return drawn;
}

}  // namespace mayfly::sctp
