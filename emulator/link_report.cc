#include "emulator/link_report.h"

#include <fmt/format.h>

#include "core/quantity.h"

namespace mayfly {
namespace {

std::string row(const char* name, const LaneStats& stats, Duration length) {
  const uint64_t queued = stats.offered - stats.queue_full;
  const double mean_ms =
      queued == 0 ? 0 : to_milliseconds(stats.total_queued) / static_cast<double>(queued);
  const double rate =
      static_cast<double>(DataRate::of(stats.bytes_delivered, length).bits_per_second());
  return fmt::format("{:<5}{:>10}{:>8}{:>11}{:>11}{:>7}{:>10.3f}{:>9.1f}{:>9.1f}\n", name,
                     stats.offered, stats.lost, stats.queue_full, stats.delivered, stats.under_way,
                     rate / 1e6, mean_ms, to_milliseconds(stats.longest_queued));
}

}  // namespace

std::string to_text(const LinkReport& report) {
  std::string text =
      fmt::format("link {}, {:.1f} s\n", to_text(report.path), to_seconds(report.length));
  text += fmt::format("{:<5}{:>10}{:>8}{:>11}{:>11}{:>7}{:>10}{:>18}\n", "", "", "", "", "",
                      "under", "", "in queue, ms");
  text += fmt::format("{:<5}{:>10}{:>8}{:>11}{:>11}{:>7}{:>10}{:>9}{:>9}\n", "", "packets", "lost",
                      "queue full", "delivered", "way", "Mbit/s", "mean", "max");
  text += row("up", report.up, report.length);
  text += row("down", report.down, report.length);
  const uint64_t duplicated = report.up.duplicated + report.down.duplicated;
  const uint64_t no_room = report.up.no_room + report.down.no_room;
  if (duplicated > 0) {
    text += fmt::format("{} second copies are counted as delivered too\n", duplicated);
  }
  if (no_room > 0) {
    text += fmt::format("{} packets were dropped because {} were under way already\n", no_room,
                        data_size_text(EmulatedLane::kMaxHeldBytes));
  }
  if (report.overrun > 0) {
    text += fmt::format(
        "{} packets were lost before the link: they came faster than this machine moves them\n",
        report.overrun);
  }
  if (report.refused > 0) {
    text += fmt::format("{} delivered packets found the interface at the end down or too small\n",
                        report.refused);
  }
  return text;
}

}  // namespace mayfly
