#include "demux/bit_reader.h"

namespace mayfly {

uint32_t BitReader::bit() {
  if (bit_ == 0 && escapes_ == Escapes::EmulationPrevention && zeros_ >= 2 &&
      byte_ < bytes_.size() && bytes_[byte_] == std::byte{3}) {
    ++byte_;
    zeros_ = 0;
  }
  if (byte_ >= bytes_.size()) {
    failed_ = true;
    return 0;
  }
  const auto current = std::to_integer<unsigned>(bytes_[byte_]);
  const uint32_t value = (current >> (7U - bit_)) & 1U;
  if (++bit_ == 8) {
    bit_ = 0;
    zeros_ = current == 0 ? zeros_ + 1 : 0;
    ++byte_;
  }
  return value;
}

uint32_t BitReader::bits(unsigned count) {
  uint32_t value = 0;
  for (; count > 0; --count) value = value << 1U | bit();
  return value;
}

void BitReader::skip(size_t count) {
  for (; count > 0 && !failed_; --count) static_cast<void>(bit());
}

uint32_t BitReader::ue() {
  unsigned zeros = 0;
  while (!failed_ && bit() == 0) {
    if (++zeros > 31) {
      failed_ = true;
      return 0;
    }
  }
  return failed_ ? 0 : ((1U << zeros) - 1U) + bits(zeros);
}

int32_t BitReader::se() {
  const uint32_t code = ue();
  const auto magnitude = static_cast<int32_t>((code + 1U) / 2U);
  return (code & 1U) != 0 ? magnitude : -magnitude;
}

bool BitReader::has_more_payload() {
  if (failed_ || byte_ >= bytes_.size()) return false;
  if (!payload_end_) {
    payload_end_ = bytes_.size();
    while (*payload_end_ > 0 && bytes_[*payload_end_ - 1] == std::byte{0}) --*payload_end_;
  }
  if (*payload_end_ <= byte_) return false;
  if (*payload_end_ - 1 > byte_) return true;
  const auto current = std::to_integer<unsigned>(bytes_[byte_]);
  return ((current << bit_) & 0x7FU) != 0;
}

}  // namespace mayfly
