#pragma once

#include <map>
#include <set>

#include "core/frame.h"
#include "wire/frame_piece.h"

namespace mayfly {

// Which frames the player surely cannot decode: those never sent whole, and those that need one of
// them. Sending the latter would take the line from frames that can still be shown.
class MissingReferences {
 public:
  // Something of the frame never left, or never will.
  void add(wire::Epoch epoch, TrackId track, FrameNumber number);
  // Whether the frame needs one that is missing; then it counts as missing too.
  [[nodiscard]] bool strike(wire::Epoch epoch, const Frame& frame);

 private:
  // A new epoch numbers its frames from 0 again.
  void begin(wire::Epoch epoch);

  wire::Epoch epoch_;
  std::map<TrackId, std::set<FrameNumber>> missing_;
};

}  // namespace mayfly
