#pragma once

#include <cstdint>

namespace mayfly {

// The way of a packet, seen from the program behind the link.
enum class LinkDirection : uint8_t { Up, Down };

[[nodiscard]] constexpr const char* to_string(LinkDirection direction) {
  return direction == LinkDirection::Up ? "up" : "down";
}

}  // namespace mayfly
