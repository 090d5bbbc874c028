#pragma once

#include <cstddef>
#include <cstdint>

#include "core/bytes.h"

namespace mayfly {

inline constexpr size_t kTsPacketBytes = 188;
inline constexpr std::byte kTsSync{0x47};

// What stands at the beginning of an MPEG transport packet (ISO/IEC 13818-1, 2.4.3.2):
//
//   sync 0x47 | error:1 unit_start:1 priority:1 pid:13 | scrambling:2 adaptation:2 counter:4 | ...
struct TsPacketHeader {
  // Of a whole packet.
  explicit TsPacketHeader(ByteView packet) {
    const auto at = [packet](size_t index) { return std::to_integer<unsigned>(packet[index]); };
    is_broken = (at(1) & 0x80U) != 0;
    starts_unit = (at(1) & 0x40U) != 0;
    pid = static_cast<uint16_t>((at(1) & 0x1fU) << 8U | at(2));
    const bool has_adaptation = (at(3) & 0x20U) != 0;
    has_payload = (at(3) & 0x10U) != 0;
    may_jump = has_adaptation && at(4) > 0 && (at(5) & 0x80U) != 0;
    counter = static_cast<uint8_t>(at(3) & 0x0fU);
  }

  // Whether nothing is missing after a packet of the PID with that counter: one may come twice, and
  // one without payload is not counted.
  [[nodiscard]] bool follows(uint8_t last) const {
    return counter == last || (has_payload && counter == ((last + 1U) & 0x0fU));
  }

  bool is_broken = false;  // it says so itself
  bool starts_unit = false;
  uint16_t pid = 0;
  bool has_payload = false;
  bool may_jump = false;  // discontinuity_indicator: the counter may be anything (2.4.3.5)
  uint8_t counter = 0;
};

}  // namespace mayfly
