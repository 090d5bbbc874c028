#include "lab/findings_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "telemetry/html.h"

namespace mayfly {
namespace {

constexpr double kWidth = 900;
constexpr double kLeft = 60;
constexpr double kRight = 20;
constexpr double kHeight = 280;
constexpr double kTop = 10;
constexpr double kBottom = 40;

// A chart of shares over milliseconds, up to twice the deadline.
class CdfCanvas {
 public:
  explicit CdfCanvas(double most) : most_(most) {}

  [[nodiscard]] double x(double milliseconds) const {
    return kLeft + std::min(milliseconds / most_, 1.0) * (kWidth - kLeft - kRight);
  }
  [[nodiscard]] static double y(double share) {
    return kTop + (1 - share) * (kHeight - kTop - kBottom);
  }
  [[nodiscard]] std::string grid() const {
    std::string svg;
    for (const double share : {0.0, 0.25, 0.5, 0.75, 1.0}) {
      svg += fmt::format(
          "<line class=\"grid\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>\n"
          "<text x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5:.2f}</text>\n",
          kLeft, kWidth - kRight, y(share), kLeft - 8, y(share) + 4, share);
    }
    for (int part = 0; part <= 4; ++part) {
      const double at = most_ * part / 4;
      svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.0f} ms</text>\n",
                         x(at), kHeight - kBottom + 20, at);
    }
    return svg;
  }

 private:
  double most_;
};

uint64_t frames_of(const RowFindings& row) {
  uint64_t frames = 0;
  for (const ClassVerdict& each : row.classes) frames += each.frames;
  return frames;
}

std::string curve(const RowFindings& row, const CdfCanvas& canvas, double most) {
  const auto whole = static_cast<double>(frames_of(row));
  std::string path = fmt::format("M{:.1f},{:.1f}", canvas.x(0), CdfCanvas::y(0));
  double share = 0;
  uint64_t sum = 0;
  for (const auto& [milliseconds, frames] : row.latency.counts()) {
    if (static_cast<double>(milliseconds) > most) break;
    sum += frames;
    share = static_cast<double>(sum) / whole;
    path += fmt::format("H{:.1f}V{:.1f}", canvas.x(static_cast<double>(milliseconds)),
                        CdfCanvas::y(share));
  }
  path += fmt::format("H{:.1f}", kWidth - kRight);
  return fmt::format(
      "<path class=\"line {}\" d=\"{}\"><title>{}: {:.1f} % within {:.0f} ms"
      "</title></path>\n",
      row_classes(row.row), path, html_escaped(label_of(row.row)), share * 100, most);
}

}  // namespace

std::string row_classes(const Row& row) {
  // Those of the virtual engine first, so that their colours do not depend on there being others.
  static const std::vector<Row::Kind> order = {
      Row::Kind::Udp,      Row::Kind::SctpReliable, Row::Kind::SctpPrioStock,
      Row::Kind::SctpPrio, Row::Kind::SctpEngine,   Row::Kind::TcpCubic,
      Row::Kind::TcpBbr,   Row::Kind::Srt,          Row::Kind::SctpKernel};
  const auto place = std::find(order.begin(), order.end(), row.kind) - order.begin();
  return fmt::format("row-{}{}", place, row.engine == Engine::Real ? " real" : "");
}

std::string latency_cdf(const CellFindings& cell) {
  const double deadline = to_milliseconds(cell.cell.playout_delay);
  const double most = 2 * deadline;
  const CdfCanvas canvas(most);
  std::string svg = fmt::format(
                        "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"latency of "
                        "frames in {}\">\n",
                        kWidth, kHeight, html_escaped(cell.cell.id)) +
                    canvas.grid();
  svg += fmt::format(
      "<line class=\"deadline\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" "
      "y2=\"{2}\"/>\n",
      canvas.x(deadline), kTop, kHeight - kBottom);
  for (const RowFindings& row : cell.rows) {
    if (row.runs > 0) svg += curve(row, canvas, most);
  }
  return svg + "</svg>\n";
}

std::string fates_chart(const CellFindings& cell) {
  constexpr double kBar = 14;
  constexpr double kStep = 20;
  constexpr double kNames = 200;
  std::string bars;
  double top = 4;
  for (const FrameClass each : kFrameClasses) {
    bool any = false;
    for (const RowFindings& row : cell.rows) {
      const ClassVerdict& fates = row.classes[index_of(each)];
      if (fates.frames == 0) continue;
      any = true;
      bars +=
          fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{} {}</text>\n", kNames - 8,
                      top + kBar - 3, html_escaped(label_of(row.row)), to_string(each));
      double left = kNames;
      for (const FateColumnOfVerdict& fate : kFateColumnsOfVerdict) {
        const double share =
            static_cast<double>(fates.*fate.count) / static_cast<double>(fates.frames);
        const double width = share * (kWidth - kNames - kRight);
        if (width <= 0) continue;
        bars += fmt::format(
            "<rect class=\"fate-{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
            "height=\"{}\"><title>{}: {:.1f} % {}</title></rect>\n",
            fate.key, left, top, width, kBar, html_escaped(label_of(row.row)), share * 100,
            fate.title);
        left += width;
      }
      top += kStep;
    }
    if (any) top += 8;
  }
  return fmt::format(
      "<svg viewBox=\"0 0 {} {:.0f}\" role=\"img\" aria-label=\"fates of frames in "
      "{}\">\n{}</svg>\n",
      kWidth, top, html_escaped(cell.cell.id), bars);
}

}  // namespace mayfly
