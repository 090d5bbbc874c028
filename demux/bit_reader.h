#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/bytes.h"

namespace mayfly {

// Reads bits, most significant first, from the front of a view it borrows. A read past the end
// returns zeros and makes the reader fail for good, so a header is read in straight lines and
// checked once at the end.
class BitReader {
 public:
  enum class Escapes : uint8_t {
    None,
    // The third byte of every 00 00 03 is not part of the payload (H.264 7.4.1, HEVC 7.4.2).
    EmulationPrevention,
  };

  explicit BitReader(ByteView bytes, Escapes escapes = Escapes::None)
      : bytes_(bytes), escapes_(escapes) {}

  [[nodiscard]] bool flag() { return bit() != 0; }
  // At most 32.
  [[nodiscard]] uint32_t bits(unsigned count);
  void skip(size_t count);
  // Exponential Golomb codes, unsigned and signed (H.264 9.1).
  [[nodiscard]] uint32_t ue();
  [[nodiscard]] int32_t se();

  // True while payload is left that is not just the stop bit and padding (H.264 more_rbsp_data).
  [[nodiscard]] bool has_more_payload();
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  [[nodiscard]] uint32_t bit();

  ByteView bytes_;
  Escapes escapes_;
  size_t byte_ = 0;
  unsigned bit_ = 0;  // how many bits of the current byte are read
  unsigned zeros_ = 0;
  bool failed_ = false;
  std::optional<size_t> payload_end_;  // after the last byte that is not zero, once asked for
};

}  // namespace mayfly
