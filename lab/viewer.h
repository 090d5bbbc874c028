#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/units.h"

namespace mayfly {

// What a viewer saw of a live playout with a fixed delay, without looking at pixels: slot j of the
// clip shows the newest decodable picture up to j in the order of showing.
struct ViewerFigures {
  Duration longest_freeze{};  // the longest a picture stood beyond its own time
  uint64_t freezes = 0;       // W3C webrtc-stats freezeCount
  Duration frozen{};          // W3C totalFreezesDuration
  double freeze_ratio = 0;    // share of the time that pictures stood beyond their own
  double harmonic_fps = 0;    // sum of the gaps by the sum of their squares

  friend bool operator==(const ViewerFigures&, const ViewerFigures&) = default;
};

// `shown`: for each slot in the order of showing, whether its own picture was there. Black before
// the first picture, and a picture that stands until the end, are gaps like any other.
[[nodiscard]] ViewerFigures figures_of_viewer(const std::vector<bool>& shown, Duration interval);

}  // namespace mayfly
