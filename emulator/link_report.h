#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "emulator/emulated_lane.h"
#include "netsim/link_model.h"

namespace mayfly {

// What a link has to tell at its end.
struct LinkReport {
  PathModel path{};
  Duration length{};
  LaneStats up{};
  LaneStats down{};
  uint64_t refused = 0;  // delivered, and then not taken by the device at the end
  // Sent into a device faster than this process read; none of the link's doing.
  uint64_t overrun = 0;
};

// A table of at most 80 columns, a line on what went wrong where something did.
[[nodiscard]] std::string to_text(const LinkReport& report);

}  // namespace mayfly
