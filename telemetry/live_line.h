#pragma once

#include <optional>
#include <string>

#include "core/units.h"
#include "telemetry/playback_stats.h"

namespace mayfly {

// One line on a running playout: where it is, the rate since `before`, the share of frames on time
// and what became of the others, abandoned ones by class as unsent+sent. At most `columns` wide;
// what does not fit is left out from its end.
[[nodiscard]] std::string live_line(const PlaybackStats& now, const PlaybackStats& before,
                                    Duration between, size_t columns);

struct LiveLineOptions {
  bool rewrites = false;  // a terminal: each line replaces the one before
  // How often. A log wants a line now and then, an eye a few times a second.
  Duration every_on_terminal = 250ms;
  Duration every_in_log = 5s;
  size_t columns = 80;
};

// Decides when the live line is due and which bytes put it on the screen. Pure: the caller asks
// with the time and writes what it gets to stderr.
class LiveLine {
 public:
  explicit LiveLine(LiveLineOptions options) : options_(options) {}

  // What to write now; nothing when no line is due. The first call starts the clock.
  [[nodiscard]] std::optional<std::string> update(const PlaybackStats& stats, Timestamp now);
  // What to write before anything else may use the terminal: ends a line that was being rewritten.
  // May be called at any time; the next update() starts on a line of its own.
  [[nodiscard]] std::string end();

 private:
  [[nodiscard]] Duration interval() const {
    return options_.rewrites ? options_.every_on_terminal : options_.every_in_log;
  }

  LiveLineOptions options_;
  std::optional<Timestamp> last_at_;
  PlaybackStats last_;
  bool line_open_ = false;
};

}  // namespace mayfly
