#include "telemetry/playback_table.h"

#include <fmt/format.h>

#include "core/quantity.h"
#include "telemetry/playback_fates.h"
#include "telemetry/text.h"

namespace mayfly {
namespace {

constexpr std::string_view kHeading =
    "                                       abandoned                    latency, ms\n"
    "class     sent on time   share    late unsent   sent   lost undec.    p50    p95\n";

std::string latency_text(const LatencySummary& latency, Duration value) {
  return latency.frames == 0 ? "-" : milliseconds_text(value);
}

std::string row(std::string_view name, const ClassFates& fates, const LatencySummary& latency) {
  return fmt::format("{:<6}{:>8}{:>8}{:>8}{:>8}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}\n", name,
                     count_text(fates.sent), count_text(fates.on_time),
                     share_text(fates.on_time, fates.sent), count_text(fates.late),
                     count_text(fates.abandoned_unsent), count_text(fates.abandoned_sent),
                     count_text(fates.lost), count_text(fates.undecodable),
                     latency_text(latency, latency.p50), latency_text(latency, latency.p95));
}

std::string conditions(const PlaybackStats& stats) {
  std::string line = fitted(stats.clip, kTerminalColumns) + "\n";
  std::string how = fmt::format("{}, {}, playout delay {}", stats.policy, stats.transport,
                                to_text(stats.playout_delay));
  line += fitted(how, kTerminalColumns) + "\n";
  if (!stats.impairment.empty())
    line += fitted("link " + stats.impairment, kTerminalColumns) + "\n";
  return line;
}

std::string viewer(const PlaybackStats& stats) {
  const FreezeSummary& freezes = stats.freezes;
  std::string line = fmt::format("q {:.4f}", stats.q());
  if (stats.startup)
    line += fmt::format(", first picture after {} ms", milliseconds_text(*stats.startup));
  line += fmt::format(", {} {}", freezes.count, freezes.count == 1 ? "freeze" : "freezes");
  if (freezes.count > 0) {
    line += fmt::format(" (longest {} ms, {} ms in all)", milliseconds_text(freezes.longest),
                        milliseconds_text(freezes.total));
  }
  return fitted(line, kTerminalColumns) + "\n";
}

std::string transport_stream(const TransportStreamFigures& figures) {
  std::string line = fmt::format("MPEG-TS: {} packets, {} gaps", figures.packets, figures.gaps);
  if (figures.damaged > 0) line += fmt::format(", {} damaged", figures.damaged);
  if (figures.foreign_bytes > 0) line += fmt::format(", {} foreign bytes", figures.foreign_bytes);
  return line + "; frames that never came are not in the table\n";
}

}  // namespace

std::string playback_table(const PlaybackStats& stats) {
  std::string text = conditions(stats);
  text += kHeading;
  for (const FrameClass each : kFrameClasses) {
    if (stats.of(each).sent == 0) continue;
    text += row(to_string(each), stats.of(each), stats.latency_by_class[index_of(each)]);
  }
  text += row("all", all_frames(stats), stats.latency);
  text += viewer(stats);
  if (stats.transport_stream) text += transport_stream(*stats.transport_stream);
  return text;
}

}  // namespace mayfly
