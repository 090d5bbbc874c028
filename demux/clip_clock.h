#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "core/units.h"

namespace mayfly {

// One line of time for all tracks of a clip whose container's clock jumps, where recordings were
// joined or a piece was cut out of a broadcast: what comes after a jump goes on where what came
// before it ended, and by the same correction for every track, so that sound and picture stay
// together. Each track meets the jump for itself, for its packets lie before or behind the others'
// in the file. Small; a copy goes on by itself.
class ClipClock {
 public:
  // Where one track has come to.
  struct Position {
    Duration correction{};          // what is added to the container's times
    std::optional<MediaTime> last;  // decode time of the newest packet, corrected
    Duration lasts{};
    std::optional<Duration> before_jump;  // the correction before, where the newest packet jumped
  };

  // Decode times that go back further are a new clock; smaller steps are noise.
  static constexpr Duration kLongestStepBack = 1s;
  // Ahead of all that was read by more than this likewise: the slowest slide shows turn once a
  // minute.
  static constexpr Duration kLongestGap = 60s;

  // `may_jump_ahead` where the container's times are those of a clock that ran. Elsewhere they are
  // the clip's own, and a long gap is one.
  explicit ClipClock(bool may_jump_ahead = false) : may_jump_ahead_(may_jump_ahead) {}

  // The track's next packet has that decode time in the container's terms, and lasts so long (zero:
  // not told). Settles the track's correction for this packet.
  void follow(Position& track, MediaTime told, Duration lasts);
  // A correction that is in use where reading begins.
  void add(Duration correction);

 private:
  [[nodiscard]] Duration correction_for(const Position& track, MediaTime told,
                                        Duration lasts) const;
  // Whether a track goes on at that time. Ahead it is held against the whole clip: its sound may
  // pause.
  [[nodiscard]] bool continues(const Position& track, MediaTime time, bool ends) const;

  bool may_jump_ahead_;
  std::array<Duration, 4> corrections_{};  // in use lately, the newest first
  size_t corrections_known_ = 1;
  std::optional<MediaTime> latest_end_;  // of all packets
};

}  // namespace mayfly
