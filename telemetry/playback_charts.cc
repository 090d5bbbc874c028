#include "telemetry/playback_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "telemetry/html.h"
#include "telemetry/playback_fates.h"
#include "telemetry/text.h"

namespace mayfly {
namespace {

// In SVG units; the drawing scales to the width of the page.
constexpr double kWidth = 760;
constexpr double kLeft = 210;
constexpr double kPlot = 470;
constexpr double kRow = 24;
constexpr double kBar = 16;
constexpr double kGroupGap = 14;
constexpr size_t kLabelColumns = 26;

std::string svg(double height, const std::string& label, const std::string& content) {
  return fmt::format(
      "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">\n{}</svg>\n", kWidth,
      height, html_escaped(label), content);
}

std::string text_at(double x, double y, std::string_view anchor, const std::string& text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor,
                     html_escaped(text));
}

std::string class_title(FrameClass frame_class) {
  return frame_class == FrameClass::Audio ? "audio"
                                          : fmt::format("class {}", to_string(frame_class));
}

// One bar: the states end to end. A state that happened is never thinner than can be seen.
std::string fates_bar(const ClassFates& fates, const std::string& who, double y) {
  std::string marks;
  double x = kLeft;
  for (const FateColumn& each : kFateColumns) {
    const uint64_t count = fates.*each.count;
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(fates.sent);
    const double width = std::max(1.0, share * kPlot);
    marks += fmt::format(
        "<rect class=\"fate-{}\" x=\"{:.2f}\" y=\"{:.1f}\" width=\"{:.2f}\" height=\"{:.0f}\">"
        "<title>{}: {} {} of {} ({})</title></rect>\n",
        each.key, std::min(x, kLeft + kPlot - width), y, width, kBar, html_escaped(who), count,
        each.title, fates.sent, share_text(count, fates.sent));
    x += share * kPlot;
  }
  return marks;
}

// A round number not below `value`, of the form 1, 2 or 5 times a power of ten.
double round_up(double value) {
  const double power = std::pow(10.0, std::floor(std::log10(std::max(value, 1.0))));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (step * power >= value) return step * power;
  }
  return 10 * power;
}

struct Scale {
  double top_ms;
  [[nodiscard]] double x(Duration value) const {
    return kLeft + std::min(1.0, to_milliseconds(value) / top_ms) * kPlot;
  }
};

Scale scale_for(const std::vector<PlaybackStats>& playouts) {
  double top = 1;
  for (const PlaybackStats& each : playouts) {
    top = std::max(top, to_milliseconds(each.playout_delay));
    for (const LatencySummary& latency : each.latency_by_class) {
      if (latency.frames > 0) top = std::max(top, to_milliseconds(latency.p99));
    }
  }
  return Scale{round_up(top)};
}

std::string latency_axis(const Scale& scale, double height) {
  std::string axis;
  for (int i = 0; i <= 4; ++i) {
    const double x = kLeft + kPlot * i / 4;
    axis += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"0\" y2=\"{1:.1f}\"/>\n", x,
        height - 20);
    axis += text_at(x, height - 6, "middle", fmt::format("{:g} ms", scale.top_ms * i / 4));
  }
  return axis;
}

std::string latency_mark(const LatencySummary& latency, const PlaybackStats& stats,
                         const std::string& who, const Scale& scale, double y) {
  const double middle = y + kBar / 2;
  std::string mark = fmt::format(
      "<g><title>{}: p50 {} ms, p95 {} ms, p99 {} ms, longest {} ms, of {} frames that arrived; "
      "playout delay {} ms</title>\n"
      "<line class=\"bar\" x1=\"{:.2f}\" x2=\"{:.2f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>\n",
      html_escaped(who), milliseconds_text(latency.p50), milliseconds_text(latency.p95),
      milliseconds_text(latency.p99), milliseconds_text(latency.max), latency.frames,
      milliseconds_text(stats.playout_delay), scale.x(latency.p50), scale.x(latency.p99), middle,
      middle);
  mark += fmt::format("<circle class=\"bar\" cx=\"{:.2f}\" cy=\"{:.1f}\" r=\"5\"/>\n",
                      scale.x(latency.p50), middle);
  for (const Duration each : {latency.p95, latency.p99}) {
    mark += fmt::format(
        "<line class=\"bar\" x1=\"{0:.2f}\" x2=\"{0:.2f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\"/>\n",
        scale.x(each), y + 2, y + kBar - 2);
  }
  mark += fmt::format(
      "<line class=\"deadline\" x1=\"{0:.2f}\" x2=\"{0:.2f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\"/>\n",
      scale.x(stats.playout_delay), y - 2, y + kBar + 2);
  return mark + "</g>\n";
}

}  // namespace

std::string playout_label(const std::vector<PlaybackStats>& playouts, size_t which) {
  const auto same_transport = [&](const PlaybackStats& each) {
    return each.transport == playouts.front().transport;
  };
  const PlaybackStats& stats = playouts[which];
  if (std::all_of(playouts.begin(), playouts.end(), same_transport)) return stats.policy;
  return stats.policy + ", " + stats.transport;
}

std::string fates_chart(const std::vector<PlaybackStats>& playouts) {
  std::string content;
  double y = 0;
  for (const FrameClass each : kFrameClasses) {
    bool titled = false;
    for (size_t i = 0; i < playouts.size(); ++i) {
      const ClassFates& fates = playouts[i].of(each);
      if (fates.sent == 0) continue;
      if (!titled) content += text_at(0, y + kBar - 3, "start", class_title(each));
      titled = true;
      const std::string who = playout_label(playouts, i);
      content += text_at(kLeft - 10, y + kBar - 3, "end", fitted(who, kLabelColumns));
      content += fates_bar(fates, class_title(each) + ", " + who, y);
      content +=
          text_at(kLeft + kPlot + 10, y + kBar - 3, "start", share_text(fates.on_time, fates.sent));
      y += kRow;
    }
    if (titled) y += kGroupGap;
  }
  return svg(std::max(y, kRow), "Fates of the frames by class", content);
}

std::string latency_chart(const std::vector<PlaybackStats>& playouts) {
  const Scale scale = scale_for(playouts);
  std::string marks;
  double y = 4;
  for (const FrameClass each : kFrameClasses) {
    bool titled = false;
    for (size_t i = 0; i < playouts.size(); ++i) {
      const LatencySummary& latency = playouts[i].latency_by_class[index_of(each)];
      if (latency.frames == 0) continue;
      if (!titled) marks += text_at(0, y + kBar - 3, "start", class_title(each));
      titled = true;
      const std::string who = playout_label(playouts, i);
      marks += text_at(kLeft - 10, y + kBar - 3, "end", fitted(who, kLabelColumns));
      marks += latency_mark(latency, playouts[i], class_title(each) + ", " + who, scale, y);
      y += kRow;
    }
    if (titled) y += kGroupGap;
  }
  const double height = y + 20;
  return svg(height, "Latency by class", latency_axis(scale, height) + marks);
}

}  // namespace mayfly
