#include <fmt/format.h>

#include <algorithm>

#include "core/quantity.h"
#include "demux/clip_report.h"

namespace mayfly {
namespace {

constexpr size_t kColumns = 80;
// More references than these do not fit the line.
constexpr size_t kReferencesShown = 3;

std::string rate_text(DataRate rate) {
  const auto bits = static_cast<double>(rate.bits_per_second());
  if (bits >= 1e6) return fmt::format("{:.2f} Mbit/s", bits / 1e6);
  return fmt::format("{:.1f} kbit/s", bits / 1e3);
}

std::string fps_text(Ratio rate) {
  if (rate.numerator <= 0) return "variable frame rate";
  return fmt::format("{:.4g} fps", static_cast<double>(rate.numerator) / rate.denominator);
}

std::string track_text(const ClipReport& report, const Track& track) {
  const bool is_video = track.kind == TrackKind::Video;
  const std::string shape =
      is_video ? fmt::format("{}x{}, {}", track.video.width, track.video.height,
                             fps_text(track.video.frame_rate))
               : fmt::format("{} Hz, {} channel{}", track.audio.sample_rate, track.audio.channels,
                             track.audio.channels == 1 ? "" : "s");
  return fmt::format("track {:<3} {}  {:<12} {}, {:.2f} s, {}\n", track.id.value(),
                     is_video ? "video" : "audio", track.codec, shape,
                     to_seconds(length_of(report, track.id)),
                     rate_text(bit_rate_of(report, track.id)));
}

std::string needs_text(const std::vector<FrameNumber>& references) {
  std::string text;
  for (size_t index = 0; index < references.size() && index < kReferencesShown; ++index) {
    text += (index == 0 ? "" : " ") + std::to_string(references[index].value());
  }
  if (references.size() > kReferencesShown) text += " ..";
  return text;
}

std::string frame_text(const ClipReport::FrameLine& line) {
  const Frame& frame = line.frame;
  const auto seconds = [](MediaTime time) { return to_seconds(time.time_since_epoch()); };
  std::string text = fmt::format(
      "{:>5} {:>7} {:<4} {:<5} {:<3} {:>11.3f} {:>11.3f} {:>9}  {}", frame.track.value(),
      frame.number.value(), frame.picture_type ? to_string(*frame.picture_type) : "-",
      to_string(frame.frame_class), frame.keyframe ? "key" : "", seconds(frame.pts),
      seconds(frame.dts), line.bytes, needs_text(frame.references));
  while (!text.empty() && text.back() == ' ') text.pop_back();
  text += '\n';
  if (!line.sha256.empty()) text += "      " + line.sha256 + '\n';
  return text;
}

std::string classes_text(const ClipReport& report) {
  std::string text = fmt::format("{:<6} {:>9} {:>14} {:>8} {:>12} {:>12}\n", "class", "frames",
                                 "bytes", "share", "mean", "largest");
  const auto summaries = classes_of(report);
  for (const FrameClass each : kFrameClasses) {
    const auto& summary = summaries[index_of(each)];
    text += fmt::format("{:<6} {:>9} {:>14} {:>6.1f} % {:>12.0f} {:>12}\n", to_string(each),
                        summary.frames, summary.bytes, summary.share * 100, summary.mean(),
                        summary.largest);
  }
  return text;
}

std::string gops_text(const ClipReport& report) {
  const auto gops = gops_of(report);
  if (gops.count == 0) return {};
  std::string text = fmt::format(
      "GOPs   {} ({} open, {} closed), {} to {} pictures, {:.1f} on average\n", gops.count,
      gops.open, gops.count - gops.open, gops.shortest, gops.longest, gops.mean);
  constexpr size_t kRoom = kColumns - 11;
  const bool fits = gops.pattern.size() <= kRoom;
  text += "usual  " + gops.pattern.substr(0, kRoom) + (fits ? "" : " ..") + '\n';
  const auto intra = classes_of(report)[index_of(FrameClass::I)];
  const DataRate rate = bit_rate_of(report);
  if (intra.frames > 0 && rate.bits_per_second() > 0) {
    text += fmt::format("       the largest I frame takes {:.0f} ms at the clip's own {}\n",
                        to_milliseconds(rate.time_for(intra.largest)), rate_text(rate));
  }
  return text;
}

}  // namespace

std::string to_text(const ClipReport& report) {
  std::string text = fmt::format("{}\n{}\n", report.file, report.format);
  for (const Track& track : report.tracks) text += track_text(report, track);
  text += fmt::format("\n{:>5} {:>7} {:<4} {:<5} {:<3} {:>11} {:>11} {:>9}  {}\n", "track",
                      "number", "type", "class", "key", "pts, s", "dts, s", "bytes", "needs");
  for (const auto& line : report.frames) text += frame_text(line);
  text += '\n' + classes_text(report) + gops_text(report);
  if (report.damage) text += report.damage->message + '\n';
  return text;
}

}  // namespace mayfly
