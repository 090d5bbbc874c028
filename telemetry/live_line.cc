#include "telemetry/live_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "telemetry/playback_fates.h"
#include "telemetry/text.h"

namespace mayfly {
namespace {

// " (p 6+4 b 0+1)": unsent and sent, of the classes that lost any.
std::string abandoned_by_class(const PlaybackStats& stats) {
  std::string text;
  for (const FrameClass each : kFrameClasses) {
    const ClassFates& fates = stats.of(each);
    if (fates.abandoned_unsent + fates.abandoned_sent == 0) continue;
    text += fmt::format("{}{} {}+{}", text.empty() ? " (" : " ", to_string(each),
                        count_text(fates.abandoned_unsent), count_text(fates.abandoned_sent));
  }
  return text.empty() ? text : text + ")";
}

}  // namespace

std::string live_line(const PlaybackStats& now, const PlaybackStats& before, Duration between,
                      size_t columns) {
  const ClassFates all = all_frames(now);
  const uint64_t received =
      now.bytes_received - std::min(before.bytes_received, now.bytes_received);
  const std::vector<std::string> parts = {
      media_time_text(now.played),
      fmt::format("{:>11}", rate_text(DataRate::of(received, between))),
      fmt::format("on time {}", share_text(all.on_time, all.sent)),
      fmt::format("late {}", count_text(all.late)),
      fmt::format("abandoned {}{}", count_text(all.abandoned_unsent + all.abandoned_sent),
                  abandoned_by_class(now)),
      fmt::format("missing {}", count_text(all.lost + all.undecodable)),
      fmt::format("freezes {}", count_text(now.freezes.count)),
      fmt::format("rtt {} ms", milliseconds_text(now.round_trip)),
  };
  std::string line;
  for (const std::string& part : parts) {
    const size_t gap = line.empty() ? 0 : 2;
    if (line.size() + gap + part.size() > columns) break;
    line += std::string(gap, ' ') + part;
  }
  return line;
}

std::optional<std::string> LiveLine::update(const PlaybackStats& stats, Timestamp now) {
  if (!last_at_) {
    last_at_ = now;
    last_ = stats;
    return std::nullopt;
  }
  if (now - *last_at_ < interval()) return std::nullopt;
  // The last column stays free: writing to it makes some terminals wrap.
  const size_t columns = options_.columns > 0 ? options_.columns - 1 : 0;
  const std::string line = live_line(stats, last_, now - *last_at_, columns);
  last_at_ = now;
  last_ = stats;
  if (!options_.rewrites) return line + "\n";
  line_open_ = true;
  // Back to the first column, the line, and nothing of a longer one before it.
  return "\r" + line + "\x1b[K";
}

std::string LiveLine::end() {
  const bool was_open = line_open_;
  line_open_ = false;
  return was_open ? "\n" : "";
}

}  // namespace mayfly
