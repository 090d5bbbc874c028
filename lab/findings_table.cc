#include "lab/findings_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "telemetry/text.h"

namespace mayfly {
namespace {

// Without its zero where it is a share: .123; rounded down from 1 only when it is 1.
std::string share(double value) {
  if (value < 1 && value >= 0.9995) value = 0.999;
  if (value >= 1) return "1.00";
  std::string text = fmt::format("{:.3f}", value);
  return text.starts_with("0.") ? text.substr(1) : text;
}

std::string signed_share(double value) { return (value < 0 ? "-" : "+") + share(std::abs(value)); }

std::string range(const Interval& interval) {
  return share(interval.lo) + "-" + share(interval.hi);
}

std::string wrapped(const std::string& text, std::string_view indent) {
  std::string lines;
  std::string line(indent);
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (columns_of(line) + 1 + columns_of(word) > kTerminalColumns) {
      lines += line + "\n";
      line = indent;
    }
    line += (line.size() > indent.size() ? " " : "") + word;
    at = end + 1;
  }
  return lines + line + "\n";
}

std::string bound_line(std::string_view name, const Interval& q) {
  return fmt::format("  {:<16}{:>5} {:>11}\n", name, share(q.mean), range(q));
}

std::string row_line(const RowFindings& row) {
  if (!row.row.obstacle.empty()) return fmt::format("  {:<16} cannot run here\n", row.row.name);
  if (row.runs == 0) return fmt::format("  {:<16} not run yet\n", row.row.name);
  const auto of = [&row](FrameClass each) { return share(row.q_by_class[index_of(each)].mean); };
  return fmt::format("  {:<16}{:>5} {:>11} {:>4} {:>4} {:>4} {:>6} {:>4} {:>6} {:>5}{}\n",
                     row.row.name, share(row.q.mean), range(row.q), of(FrameClass::I),
                     of(FrameClass::P), of(FrameClass::B),
                     row.latency.frames() == 0 ? "-" : std::to_string(row.latency.percentile(0.95)),
                     share(row.miss_ratio), fmt::format("{:.0f}", row.longest_freeze_ms.mean),
                     row.overhead_ratio == 0 ? "-" : fmt::format("{:.2f}", row.overhead_ratio),
                     row.ended_early > 0 ? " !" : "");
}

// What the deadline leaves, before any row is judged by it.
std::string budget_text(const CellFindings& cell) {
  std::string text =
      fmt::format("a packet can be tried {} times; the largest I frame is {} packets",
                  cell.attempts, cell.packets_of_largest_i);
  if (cell.largest_i_takes) {
    text += fmt::format(" and takes {} ms", milliseconds_text(*cell.largest_i_takes));
  }
  return text;
}

std::string difference_note(const std::string& ours, const std::string& theirs,
                            const Interval& less) {
  return wrapped(fmt::format("{} less {}: {} ({} to {})", ours, theirs, signed_share(less.mean),
                             signed_share(less.lo), signed_share(less.hi)),
                 "    ");
}

std::string rows_of(const CellFindings& cell, Engine engine) {
  std::string lines;
  for (const RowFindings& row : cell.rows) {
    if (row.row.engine == engine) lines += row_line(row);
  }
  if (lines.empty() || engine == Engine::Virtual) return lines;
  return "  real time, real sockets:\n" + lines;
}

std::string notes_of(const CellFindings& cell) {
  std::string notes;
  for (const RowFindings& row : cell.rows) {
    if (row.ceiling && row.row.obstacle.empty()) {
      notes += wrapped(fmt::format("{}: its congestion control cannot hold more than {} here "
                                   "(Mathis)",
                                   label_of(row.row), rate_text(*row.ceiling)),
                       "    ");
    }
    if (!row.row.obstacle.empty()) {
      notes +=
          wrapped(fmt::format("{} cannot run here: {}", row.row.name, row.row.obstacle), "    ");
    }
    if (row.ended_early > 0) {
      notes += wrapped(fmt::format("! {}: the session broke in {} of {} runs: {}",
                                   label_of(row.row), row.ended_early, row.runs, row.why_ended),
                       "    ");
    }
    if (row.q_less_reference) {
      notes +=
          difference_note(label_of(row.row), std::string(kReferenceRow), *row.q_less_reference);
    }
    if (row.q_less_virtual) {
      notes += difference_note(label_of(row.row), "the same on virtual time", *row.q_less_virtual);
    }
  }
  const double behind = most_behind_ms(cell);
  if (behind >= kNotableBehindMs) {
    notes +=
        wrapped(fmt::format("in real time this machine moved packets up to {:.0f} ms late", behind),
                "    ");
  }
  return notes;
}

}  // namespace

std::string clip_lines(const Findings& findings) {
  const auto counts = [&](FrameClass each) {
    return fmt::format("{} {} to {} B", findings.frames_by_class[index_of(each)],
                       each == FrameClass::I ? "I" : (each == FrameClass::P ? "P" : "B"),
                       findings.largest_by_class[index_of(each)]);
  };
  return wrapped(
      fmt::format("{}: {} pictures, {:.2f} s, R = {}: {}, {}, {}", findings.clip, findings.frames,
                  to_seconds(findings.length), rate_text(findings.media_rate),
                  counts(FrameClass::I), counts(FrameClass::P), counts(FrameClass::B)),
      "");
}

std::string cell_table(const CellFindings& cell) {
  std::string text =
      wrapped(fmt::format("{} {}: {}", cell.cell.id, cell.cell.name, describe(cell.cell)), "");
  text += wrapped(budget_text(cell), "  ");
  for (const std::string& each : cell.warnings) text += wrapped("warning: " + each, "  ");
  if (cell.is_impossible()) {
    return text + wrapped(fmt::format("physically impossible: even the oracle shows {} of the "
                                      "frames, so rows are not scored here",
                                      share(cell.bounds.oracle.mean)),
                          "  ");
  }
  text += fmt::format("  {:<16}{:>5} {:>11} {:>4} {:>4} {:>4} {:>6} {:>4} {:>6} {:>5}\n", "row",
                      "Q", "95%", "I", "P", "B", "p95 ms", "miss", "freeze", "over");
  if (cell.bounds.runs > 0) {
    text += bound_line("(floor)", cell.bounds.floor) +
            bound_line("(ideal-arq)", cell.bounds.ideal_arq) +
            bound_line("(fec-20)", cell.bounds.fec_20) + bound_line("(oracle)", cell.bounds.oracle);
  }
  return text + rows_of(cell, Engine::Virtual) + rows_of(cell, Engine::Real) + notes_of(cell);
}

std::string findings_csv(const Findings& findings) {
  std::string text =
      "cell,row,runs,q,q_lo,q_hi,q_i,q_p,q_b,q_less_sctp_prio,q_less_lo,q_less_hi,latency_p50_ms,"
      "latency_p95_ms,latency_p99_ms,latency_max_ms,miss_ratio,longest_freeze_ms,"
      "freezes_per_minute,freeze_ratio,harmonic_fps,overhead_ratio,waste_share,"
      "queue_delay_p95_ms,ended_early,engine,most_behind_ms\n";
  const auto bound = [&text](const std::string& cell, const char* name, size_t runs,
                             const Interval& q) {
    text += fmt::format("{},{},{},{:.6f},{:.6f},{:.6f}{}\n", cell, name, runs, q.mean, q.lo, q.hi,
                        std::string(21, ','));
  };
  for (const CellFindings& cell : findings.cells) {
    bound(cell.cell.id, "floor", cell.bounds.runs, cell.bounds.floor);
    bound(cell.cell.id, "ideal-arq", cell.bounds.runs, cell.bounds.ideal_arq);
    bound(cell.cell.id, "fec-20", cell.bounds.runs, cell.bounds.fec_20);
    bound(cell.cell.id, "oracle", cell.bounds.runs, cell.bounds.oracle);
    for (const RowFindings& row : cell.rows) {
      const auto less = row.q_less_reference
                            ? fmt::format("{:.6f},{:.6f},{:.6f}", row.q_less_reference->mean,
                                          row.q_less_reference->lo, row.q_less_reference->hi)
                            : std::string(",,");
      text += fmt::format(
          "{},{},{},{:.6f},{:.6f},{:.6f},{:.6f},{:.6f},{:.6f},{},{},{},{},{},{:.6f},{:.1f},"
          "{:.3f},{:.6f},{:.3f},{:.4f},{:.6f},{:.1f},{},{},{:.1f}\n",
          cell.cell.id, row.row.name, row.runs, row.q.mean, row.q.lo, row.q.hi,
          row.q_by_class[0].mean, row.q_by_class[1].mean, row.q_by_class[2].mean, less,
          row.latency.percentile(0.5), row.latency.percentile(0.95), row.latency.percentile(0.99),
          row.latency.most(), row.miss_ratio, row.longest_freeze_ms.mean,
          row.freezes_per_minute.mean, row.freeze_ratio.mean, row.harmonic_fps.mean,
          row.overhead_ratio, row.waste_share, row.queue_delay_p95_ms, row.ended_early,
          to_string(row.row.engine), row.most_behind_ms);
    }
  }
  return text;
}

}  // namespace mayfly
