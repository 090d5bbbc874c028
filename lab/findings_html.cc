#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/quantity.h"
#include "lab/findings_charts.h"
#include "lab/findings_table.h"
#include "telemetry/html.h"
#include "telemetry/text.h"

namespace mayfly {
namespace {

// The colours of the rows tell apart with every common colour vision (Okabe and Ito).
constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6570; --line: #d5dae0; --page: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a0a8b0; --line: #3a4149;
  --page: #16191d; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
  max-width: 66rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.4rem; }
p.note, figcaption, th, small { color: var(--soft); } code { overflow-wrap: anywhere; }
figure { margin: 1rem 0; } svg { width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
.grid { stroke: var(--line); } .deadline { stroke: #d55e00; stroke-width: 2;
  stroke-dasharray: 4 3; }
.line { fill: none; stroke-width: 2; }
.row-0 { stroke: #999999; background: #999999; } .row-1 { stroke: #e69f00; background: #e69f00; }
.row-2 { stroke: #56b4e9; background: #56b4e9; } .row-3 { stroke: #009e73; background: #009e73; }
.row-4 { stroke: #cc79a7; background: #cc79a7; } .row-5 { stroke: #0072b2; background: #0072b2; }
.row-6 { stroke: #d55e00; background: #d55e00; } .row-7 { stroke: #c8b900; background: #c8b900; }
.row-8 { stroke: #8b5a2b; background: #8b5a2b; } .real { stroke-dasharray: 7 3; }
i.real { border-radius: 50%; }
.fate-shown { fill: #009e73; background: #009e73; } .fate-late { fill: #e69f00;
  background: #e69f00; }
.fate-undecodable { fill: #cc79a7; background: #cc79a7; }
.fate-abandoned_unsent { fill: #9ad0f0; background: #9ad0f0; }
.fate-abandoned_sent { fill: #0072b2; background: #0072b2; }
.fate-lost { fill: #d55e00; background: #d55e00; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .5rem; border-bottom: 1px solid var(--line); }
th { font-weight: 500; } th:first-child, td:first-child { text-align: left; }
td.q { background: color-mix(in srgb, #009e73 calc(var(--q) * 60%), transparent); }
div.wide { overflow-x: auto; } ul.legend { list-style: none; padding: 0; }
ul.legend li { display: inline-block; margin-right: 1.2rem; }
ul.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; }
)";

std::string escaped_cell(const std::string& text) { return "<td>" + html_escaped(text) + "</td>"; }

std::string interval_text(const Interval& each) {
  return fmt::format("{:.3f} <small>{:.3f} to {:.3f}</small>", each.mean, each.lo, each.hi);
}

std::string q_cell(const Interval& q, size_t runs) {
  if (runs == 0) return "<td>not run yet</td>";
  return fmt::format("<td class=\"q\" style=\"--q: {:.3f}\">{}</td>", q.mean, interval_text(q));
}

std::string q_cell_of(const RowFindings& row) {
  if (!row.row.obstacle.empty()) return "<td>cannot run here</td>";
  return q_cell(row.q, row.runs);
}

std::string overview(const Findings& findings) {
  std::string html = "<div class=\"wide\"><table>\n<tr><th>cell</th>";
  if (!findings.cells.empty()) {
    for (const RowFindings& row : findings.cells[0].rows) {
      html += "<th>" + html_escaped(label_of(row.row)) + "</th>";
    }
  }
  html += "<th>floor</th><th>ideal-arq</th><th>fec-20</th><th>oracle</th></tr>\n";
  for (const CellFindings& cell : findings.cells) {
    html += fmt::format("<tr><td><a href=\"#{0}\">{0}</a> {1}</td>", html_escaped(cell.cell.id),
                        html_escaped(cell.cell.name));
    for (const RowFindings& row : cell.rows) {
      html += cell.is_impossible() ? "<td>impossible</td>" : q_cell_of(row);
    }
    for (const Interval& bound :
         {cell.bounds.floor, cell.bounds.ideal_arq, cell.bounds.fec_20, cell.bounds.oracle}) {
      html += q_cell(bound, cell.bounds.runs);
    }
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string rows_table(const CellFindings& cell) {
  std::string html =
      "<div class=\"wide\"><table>\n<tr><th>row</th><th>Q</th><th>less sctp-prio</th><th>p50 ms"
      "</th><th>p95</th><th>p99</th><th>missed</th><th>longest freeze ms</th>"
      "<th>freezes/min</th><th>freeze ratio</th><th>harmonic fps</th><th>overhead</th>"
      "<th>waste</th><th>queue p95 ms</th></tr>\n";
  for (const RowFindings& row : cell.rows) {
    if (row.runs == 0) continue;
    html += "<tr>" + escaped_cell(label_of(row.row)) + q_cell(row.q, row.runs);
    html += row.q_less_reference ? "<td>" + interval_text(*row.q_less_reference) + "</td>"
                                 : "<td>-</td>";
    html += fmt::format(
        "<td>{}</td><td>{}</td><td>{}</td><td>{:.3f}</td><td>{:.0f}</td><td>{:.1f}</td>"
        "<td>{:.3f}</td><td>{:.1f}</td><td>{:.2f}</td><td>{:.3f}</td><td>{:.0f}</td></tr>\n",
        row.latency.percentile(0.5), row.latency.percentile(0.95), row.latency.percentile(0.99),
        row.miss_ratio, row.longest_freeze_ms.mean, row.freezes_per_minute.mean,
        row.freeze_ratio.mean, row.harmonic_fps.mean, row.overhead_ratio, row.waste_share,
        row.queue_delay_p95_ms);
  }
  return html + "</table></div>\n";
}

std::string classes_table(const CellFindings& cell) {
  std::string html = "<div class=\"wide\"><table>\n<tr><th>row</th><th>class</th><th>frames</th>";
  for (const auto& fate : kFateColumnsOfVerdict) html += fmt::format("<th>{}</th>", fate.title);
  html += "<th>share shown</th></tr>\n";
  for (const RowFindings& row : cell.rows) {
    for (const FrameClass each : kFrameClasses) {
      const ClassVerdict& fates = row.classes[index_of(each)];
      if (fates.frames == 0) continue;
      html += "<tr>" + escaped_cell(label_of(row.row)) +
              escaped_cell(std::string(to_string(each))) +
              escaped_cell(std::to_string(fates.frames));
      for (const auto& fate : kFateColumnsOfVerdict) {
        html += escaped_cell(std::to_string(fates.*fate.count));
      }
      html += escaped_cell(share_text(fates.shown, fates.frames)) + "</tr>\n";
    }
  }
  return html + "</table></div>\n";
}

std::string row_legend(const CellFindings& cell) {
  std::string html = "<ul class=\"legend\">\n";
  for (size_t i = 0; i < cell.rows.size(); ++i) {
    html += fmt::format("<li><i class=\"{}\"></i>{}</li>\n", row_classes(cell.rows[i].row),
                        html_escaped(label_of(cell.rows[i].row)));
  }
  return html + "</ul>\n";
}

std::string fate_legend() {
  std::string html = "<ul class=\"legend\">\n";
  for (const auto& fate : kFateColumnsOfVerdict) {
    html += fmt::format("<li><i class=\"fate-{}\"></i>{}</li>\n", fate.key, fate.title);
  }
  return html + "</ul>\n";
}

std::string notes(const CellFindings& cell) {
  std::string html;
  const auto note = [&html](const std::string& text) {
    html += "<p class=\"note\">" + html_escaped(text) + "</p>\n";
  };
  for (const std::string& each : cell.warnings) note("Warning: " + each + ".");
  if (cell.is_impossible()) {
    note(
        fmt::format("Physically impossible: even the oracle shows {:.3f} of the frames. The rows "
                    "are not scored here.",
                    cell.bounds.oracle.mean));
  }
  for (const RowFindings& row : cell.rows) {
    if (row.ceiling && row.row.obstacle.empty()) {
      note(
          fmt::format("{}: its congestion control cannot hold more than {} here in the long run "
                      "(Mathis).",
                      label_of(row.row), rate_text(*row.ceiling)));
    }
    if (row.ended_early > 0) {
      note(fmt::format("{}: the session broke in {} of {} runs: {}", label_of(row.row),
                       row.ended_early, row.runs, row.why_ended));
    }
    if (!row.row.obstacle.empty()) {
      note(fmt::format("{} cannot run here: {}", label_of(row.row), row.row.obstacle));
    }
    if (row.q_less_virtual) {
      note(fmt::format("{} less the same on virtual time: {:+.3f} ({:+.3f} to {:+.3f}).",
                       label_of(row.row), row.q_less_virtual->mean, row.q_less_virtual->lo,
                       row.q_less_virtual->hi));
    }
  }
  if (const double behind = most_behind_ms(cell); behind >= kNotableBehindMs) {
    note(fmt::format("In real time this machine moved packets up to {:.0f} ms late.", behind));
  }
  return html;
}

std::string section(const CellFindings& cell) {
  std::string html =
      fmt::format("<h2 id=\"{0}\">{0} {1}</h2>\n<p>{2}; {3}.</p>\n", html_escaped(cell.cell.id),
                  html_escaped(cell.cell.name), html_escaped(describe(cell.cell)),
                  html_escaped(cell.cell.purpose));
  html += notes(cell);
  if (cell.is_impossible()) return html;
  html += rows_table(cell) + "<figure>\n" + row_legend(cell) + latency_cdf(cell) +
          "<figcaption>Share of all frames that were complete within so many milliseconds of "
          "their decode time. What a curve lacks at its end never came. Dashed: D.</figcaption>\n"
          "</figure>\n<figure>\n" +
          fate_legend() + fates_chart(cell) +
          "<figcaption>All frames of each class, by what became of them.</figcaption>\n"
          "</figure>\n" +
          classes_table(cell);
  return html;
}

std::string seeds_text(const Findings& findings) {
  std::string text;
  if (findings.has(Engine::Virtual)) text = fmt::format("{} on virtual time", findings.seeds);
  if (findings.has(Engine::Real)) {
    text += fmt::format("{}{} in real time", text.empty() ? "" : ", ", findings.real_seeds);
  }
  return text;
}

std::string rows_key(const Findings& findings) {
  std::string html =
      "<h2>The rows</h2>\n<table>\n<tr><th>row</th><th>congestion control</th>"
      "<th>settings</th></tr>\n";
  if (findings.cells.empty()) return "";
  for (const RowFindings& row : findings.cells[0].rows) {
    html += "<tr>" + escaped_cell(label_of(row.row)) + escaped_cell(row.row.congestion_control) +
            escaped_cell(row.row.settings) + "</tr>\n";
  }
  return html + "</table>\n";
}

}  // namespace

std::string findings_html(const Findings& findings) {
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>mayfly compare: {0}</title>\n<style>{1}</style>\n</head>\n<body>\n"
      "<h1>{0} over {2} networks</h1>\n<p>{3}</p>\n",
      html_escaped(findings.clip), kStyle, findings.cells.size(),
      html_escaped(clip_lines(findings)));
  html += overview(findings) +
          fmt::format(
              "<p class=\"note\">Q: share of all frames that were complete by their decode "
              "time plus D and decodable, with its 95 % interval by bootstrap over the "
              "seeds ({}). All rows of a cell and seed meet the same channel, and so do the "
              "bounds.</p>\n",
              seeds_text(findings));
  for (const CellFindings& each : findings.cells) html += section(each);
  html += rows_key(findings);
  html += "<p>Made with <code>" + html_escaped(findings.command) + "</code>, ";
  return html + "mayfly " MAYFLY_VERSION ", engine: " + engines_text(findings) +
         ".</p>\n</body>\n</html>\n";
}

}  // namespace mayfly
