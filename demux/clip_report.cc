#include "demux/clip_report.h"

#include <algorithm>
#include <map>
#include <variant>

namespace mayfly {
namespace {

const Track* video_of(const ClipReport& report) {
  for (const Track& track : report.tracks) {
    if (track.kind == TrackKind::Video) return &track;
  }
  return nullptr;
}

char letter_of(const Frame& frame) {
  return frame.picture_type ? to_string(*frame.picture_type).front() : '-';
}

struct Span {
  std::optional<MediaTime> first;
  std::optional<MediaTime> end;
  size_t bytes = 0;

  void add(const ClipReport::FrameLine& line) {
    const MediaTime pts = line.frame.pts;
    first = std::min(first.value_or(pts), pts);
    const MediaTime until = pts + line.frame.duration;
    end = std::max(end.value_or(until), until);
    bytes += line.bytes;
  }
  [[nodiscard]] Duration length() const { return first ? *end - *first : Duration{}; }
};

Span span_of(const ClipReport& report, std::optional<TrackId> track) {
  Span span;
  for (const auto& line : report.frames) {
    if (!track || line.frame.track == *track) span.add(line);
  }
  return span;
}

}  // namespace

ClipReport report_on(MediaSource& source, std::string file, std::string format,
                     const ClipReportOptions& options) {
  ClipReport report;
  report.file = std::move(file);
  report.format = std::move(format);
  report.tracks = source.tracks();
  report.duration = source.duration();
  while (report.frames.size() < options.most_frames) {
    auto reading = source.next();
    if (!reading) {
      report.damage = reading.error();
      return report;
    }
    auto* frame = std::get_if<Frame>(&*reading);
    if (frame == nullptr) return report;
    ClipReport::FrameLine line;
    line.bytes = frame->bytes();
    if (options.digest) line.sha256 = options.digest(*frame->payload);
    frame->payload.reset();
    line.frame = std::move(*frame);
    report.frames.push_back(std::move(line));
  }
  return report;
}

std::array<ClipReport::ClassSummary, kFrameClassCount> classes_of(const ClipReport& report) {
  std::array<ClipReport::ClassSummary, kFrameClassCount> classes{};
  size_t total = 0;
  for (const auto& line : report.frames) {
    auto& each = classes[index_of(line.frame.frame_class)];
    ++each.frames;
    each.bytes += line.bytes;
    each.largest = std::max(each.largest, line.bytes);
    total += line.bytes;
  }
  for (auto& each : classes) {
    if (total > 0) each.share = static_cast<double>(each.bytes) / static_cast<double>(total);
  }
  return classes;
}

ClipReport::GopSummary gops_of(const ClipReport& report) {
  ClipReport::GopSummary summary;
  const Track* video = video_of(report);
  if (video == nullptr) return summary;
  struct Gop {
    FrameNumber first;
    std::string types;
    bool open = false;
  };
  std::vector<Gop> gops;
  for (const auto& line : report.frames) {
    const Frame& frame = line.frame;
    if (frame.track != video->id) continue;
    if (frame.keyframe) gops.push_back({frame.number, {}, false});
    if (gops.empty()) continue;  // pictures before the first keyframe belong to no GOP
    Gop& gop = gops.back();
    gop.types += letter_of(frame);
    for (const FrameNumber needed : frame.references) gop.open |= needed < gop.first;
  }
  std::map<std::string, size_t> patterns;
  size_t pictures = 0;
  for (const Gop& gop : gops) {
    summary.open += gop.open ? 1 : 0;
    summary.shortest =
        summary.count == 0 ? gop.types.size() : std::min(summary.shortest, gop.types.size());
    summary.longest = std::max(summary.longest, gop.types.size());
    ++summary.count;
    ++patterns[gop.types];
    pictures += gop.types.size();
  }
  if (summary.count == 0) return summary;
  summary.mean = static_cast<double>(pictures) / static_cast<double>(summary.count);
  // Of two equally frequent patterns the longer says more: the clip's end cuts the last GOP short.
  const auto usual =
      std::max_element(patterns.begin(), patterns.end(), [](const auto& one, const auto& other) {
        return std::pair(one.second, one.first.size()) <
               std::pair(other.second, other.first.size());
      });
  summary.pattern = usual->first;
  return summary;
}

DataRate bit_rate_of(const ClipReport& report) {
  const Span span = span_of(report, std::nullopt);
  return DataRate::of(span.bytes, span.length());
}

DataRate bit_rate_of(const ClipReport& report, TrackId track) {
  const Span span = span_of(report, track);
  return DataRate::of(span.bytes, span.length());
}

Duration length_of(const ClipReport& report, TrackId track) {
  return span_of(report, track).length();
}

}  // namespace mayfly
