#include "telemetry/playback_report.h"

#include <fmt/format.h>

#include "core/quantity.h"
#include "telemetry/html.h"
#include "telemetry/playback_charts.h"
#include "telemetry/playback_fates.h"
#include "telemetry/text.h"
#include "telemetry/transport_tables.h"

namespace mayfly {
namespace {

// The six colours tell apart with every common colour vision (Okabe and Ito), and in grey by
// lightness.
constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6570; --line: #d5dae0; --page: #fff;
  --on_time: #009e73; --late: #e69f00; --abandoned_unsent: #9ad0f0; --abandoned_sent: #0072b2;
  --lost: #d55e00; --undecodable: #cc79a7; --mark: #0072b2; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a0a8b0; --line: #3a4149;
  --page: #16191d; --mark: #56b4e9; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
  max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
p.note, figcaption, th { color: var(--soft); } code { overflow-wrap: anywhere; }
figure { margin: 0; } svg { width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
.grid { stroke: var(--line); } .bar { stroke: var(--mark); fill: var(--mark); stroke-width: 2; }
.deadline { stroke: var(--lost); stroke-width: 2; stroke-dasharray: 3 2; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .5rem; border-bottom: 1px solid var(--line); }
th { font-weight: 500; } th:first-child, td:first-child { text-align: left; }
div.wide { overflow-x: auto; } ul.legend { list-style: none; padding: 0; }
ul.legend li { display: inline-block; margin-right: 1.2rem; }
ul.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; }
)";

std::string style() {
  std::string css(kStyle);
  for (const FateColumn& each : kFateColumns) {
    css += fmt::format(".fate-{0} {{ fill: var(--{0}); background: var(--{0}); }}\n", each.key);
  }
  return css;
}

std::string legend() {
  std::string html = "<ul class=\"legend\">\n";
  for (const FateColumn& each : kFateColumns) {
    html += fmt::format("<li><i class=\"fate-{}\"></i>{}</li>\n", each.key, each.title);
  }
  return html + "</ul>\n";
}

std::string cell(const std::string& text) { return "<td>" + html_escaped(text) + "</td>"; }

std::string optional_milliseconds(bool known, Duration value) {
  return known ? milliseconds_text(value) + " ms" : "-";
}

std::string summary_table(const std::vector<PlaybackStats>& playouts) {
  std::string html =
      "<div class=\"wide\"><table>\n<tr><th>playout</th><th>q</th><th>latency p50</th><th>p95</th>"
      "<th>p99</th><th>freezes</th><th>longest</th><th>first picture</th><th>received</th></tr>\n";
  for (size_t i = 0; i < playouts.size(); ++i) {
    const PlaybackStats& each = playouts[i];
    const bool arrived = each.latency.frames > 0;
    html += "<tr>" + cell(playout_label(playouts, i)) + cell(fmt::format("{:.4f}", each.q())) +
            cell(optional_milliseconds(arrived, each.latency.p50)) +
            cell(optional_milliseconds(arrived, each.latency.p95)) +
            cell(optional_milliseconds(arrived, each.latency.p99)) +
            cell(count_text(each.freezes.count)) +
            cell(optional_milliseconds(each.freezes.count > 0, each.freezes.longest)) +
            cell(optional_milliseconds(each.startup.has_value(),
                                       each.startup.value_or(Duration::zero()))) +
            cell(fmt::format("{:.2f} MB", static_cast<double>(each.bytes_received) / 1e6)) +
            "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string fates_row(const std::string& who, std::string_view name, const ClassFates& fates) {
  std::string html =
      "<tr>" + cell(who) + cell(std::string(name)) + cell(std::to_string(fates.sent));
  for (const FateColumn& each : kFateColumns) html += cell(std::to_string(fates.*each.count));
  return html + cell(share_text(fates.on_time, fates.sent)) + "</tr>\n";
}

std::string fates_table(const std::vector<PlaybackStats>& playouts) {
  std::string html = "<div class=\"wide\"><table>\n<tr><th>playout</th><th>class</th><th>sent</th>";
  for (const FateColumn& each : kFateColumns) html += fmt::format("<th>{}</th>", each.title);
  html += "<th>share on time</th></tr>\n";
  for (size_t i = 0; i < playouts.size(); ++i) {
    const std::string who = playout_label(playouts, i);
    for (const FrameClass each : kFrameClasses) {
      const ClassFates& fates = playouts[i].of(each);
      if (fates.sent > 0) html += fates_row(who, to_string(each), fates);
    }
    html += fates_row(who, "all", all_frames(playouts[i]));
  }
  return html + "</table></div>\n";
}

std::string conditions_table(const std::vector<PlaybackStats>& playouts) {
  std::string html =
      "<div class=\"wide\"><table>\n<tr><th>playout</th><th>clip</th><th>transport</th>"
      "<th>link</th><th>playout delay</th><th>played to its end</th></tr>\n";
  for (size_t i = 0; i < playouts.size(); ++i) {
    const PlaybackStats& each = playouts[i];
    html += "<tr>" + cell(playout_label(playouts, i)) + cell(each.clip) + cell(each.transport) +
            cell(each.impairment.empty() ? "as it is" : each.impairment) +
            cell(to_text(each.playout_delay)) + cell(each.complete ? "yes" : "no") + "</tr>\n";
  }
  return html + "</table></div>\n";
}

}  // namespace

std::string html_report(const PlaybackReport& report) {
  const std::vector<PlaybackStats>& playouts = report.playouts;
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<h1>{0}</h1>\n",
      html_escaped(report.title), style());
  html += summary_table(playouts);
  html +=
      "<p class=\"note\">q is the share of the video frames that were complete before their "
      "deadline "
      "and decodable. Latency is that of the frames that arrived: read it beside the fates of "
      "those "
      "that did not.</p>\n<h2>What became of the frames</h2>\n<figure>\n" +
      legend() + fates_chart(playouts) +
      "<figcaption>Each bar is all the frames of its class; the number beside it is the share on "
      "time.</figcaption>\n</figure>\n" +
      fates_table(playouts);
  html +=
      "<h2>Latency</h2>\n<figure>\n" + latency_chart(playouts) +
      "<figcaption>Dot: median. Ticks: 95th and 99th percentile. Dashed: the playout delay, when "
      "a frame must be there.</figcaption>\n</figure>\n";
  html += transport_tables(playouts);
  html += "<h2>Conditions</h2>\n" + conditions_table(playouts);
  if (!report.command.empty()) {
    html += "<p>Made with <code>" + html_escaped(report.command) + "</code>, ";
  } else {
    html += "<p>Made with ";
  }
  return html + "mayfly " MAYFLY_VERSION ".</p>\n</body>\n</html>\n";
}

}  // namespace mayfly
