#include "lab/findings.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include "lab/closed_forms.h"

namespace mayfly {
namespace {

// SCTP's payload in a packet of 1252 bytes: what Mathis counts in.
constexpr size_t kSegmentBytes = 1224;
constexpr double kLeastSpan = 0.01;

// The outcomes of one row by seed.
template <class Outcome>
using BySeed = std::map<uint32_t, Outcome>;

template <class Outcome>
BySeed<Outcome> outcomes_of(const Experiment& experiment, const std::vector<RunRecord>& records,
                            const Task& any_seed) {
  RunRecord wanted = record_for(experiment, any_seed);
  const uint32_t seeds = any_seed.row ? experiment.seeds_of(experiment.rows[*any_seed.row])
                                      : std::max(experiment.seeds, experiment.real_seeds);
  BySeed<Outcome> outcomes;
  for (const RunRecord& each : records) {
    wanted.seed = each.seed;
    if (!is_same_run(each, wanted) || each.seed > seeds) continue;
    if (const auto* outcome = std::get_if<Outcome>(&each.outcome)) {
      outcomes.insert_or_assign(each.seed, *outcome);
    }
  }
  return outcomes;
}

template <class Outcome, class Value>
std::vector<double> values_of(const BySeed<Outcome>& outcomes, Value value) {
  std::vector<double> values;
  for (const auto& [seed, outcome] : outcomes) values.push_back(std::invoke(value, outcome));
  return values;
}

template <class Outcome, class Value>
Interval interval_of(const BySeed<Outcome>& outcomes, Value value) {
  return bootstrap_mean(values_of(outcomes, value));
}

template <class Value>
double mean_of(const BySeed<Verdict>& outcomes, Value value) {
  double sum = 0;
  for (const auto& [seed, verdict] : outcomes) sum += std::invoke(value, verdict);
  return outcomes.empty() ? 0 : sum / static_cast<double>(outcomes.size());
}

void add(const ClassVerdict& from, ClassVerdict& to) {
  to.frames += from.frames;
  to.shown += from.shown;
  to.undecodable += from.undecodable;
  to.late += from.late;
  to.abandoned_unsent += from.abandoned_unsent;
  to.abandoned_sent += from.abandoned_sent;
  to.lost += from.lost;
}

// Over the seeds that both have.
std::optional<Interval> difference(const BySeed<Verdict>& ours, const BySeed<Verdict>& theirs) {
  std::vector<double> mine;
  std::vector<double> other;
  for (const auto& [seed, verdict] : ours) {
    const auto found = theirs.find(seed);
    if (found == theirs.end()) continue;
    mine.push_back(verdict.q());
    other.push_back(found->second.q());
  }
  if (mine.empty()) return std::nullopt;
  return bootstrap_difference(mine, other);
}

// Wire bytes by payload, over all runs: one that delivered nothing has cost something too.
double overhead_of(const BySeed<Verdict>& outcomes) {
  double wire = 0;
  double delivered = 0;
  for (const auto& [seed, verdict] : outcomes) {
    wire += static_cast<double>(verdict.wire_bytes);
    delivered += static_cast<double>(verdict.delivered_bytes);
  }
  return delivered == 0 ? 0 : wire / delivered;
}

// Over the seeds that both have; rows on the two engines may have different ones.
std::optional<double> eta_of(const BySeed<Verdict>& outcomes, const BySeed<Bounds>& bounds) {
  double q = 0;
  Bounds sums;
  size_t seeds = 0;
  for (const auto& [seed, verdict] : outcomes) {
    const auto found = bounds.find(seed);
    if (found == bounds.end()) continue;
    ++seeds;
    q += verdict.q();
    sums.floor += found->second.floor;
    sums.ideal_arq += found->second.ideal_arq;
    sums.oracle += found->second.oracle;
  }
  const double span = sums.ceiling() - sums.floor;
  if (seeds == 0 || span < kLeastSpan * static_cast<double>(seeds)) return std::nullopt;
  return (q - sums.floor) / span;
}

void gather_sums(const BySeed<Verdict>& outcomes, RowFindings& found) {
  for (const auto& [seed, verdict] : outcomes) {
    found.latency.merge(verdict.latency);
    for (size_t i = 0; i < kFrameClassCount; ++i) add(verdict.classes[i], found.classes[i]);
    found.most_frozen_ms =
        std::max(found.most_frozen_ms, to_milliseconds(verdict.viewer.longest_freeze));
    found.most_behind_ms = std::max(found.most_behind_ms, to_milliseconds(verdict.most_behind));
    if (verdict.ended.empty()) continue;
    if (found.ended_early++ == 0) found.why_ended = verdict.ended;
  }
}

RowFindings findings_of_row(const Experiment& experiment, const BySeed<Verdict>& outcomes,
                            const Cell& cell, const Row& row) {
  RowFindings found;
  found.row = row;
  found.runs = outcomes.size();
  const double minutes = to_seconds(experiment.clip.length()) / 60;
  found.q = interval_of(outcomes, [](const Verdict& each) { return each.q(); });
  for (const FrameClass each : kFrameClasses) {
    found.q_by_class[index_of(each)] =
        interval_of(outcomes, [each](const Verdict& verdict) { return verdict.q(each); });
  }
  const auto viewer = [&outcomes](auto value) {
    return interval_of(outcomes,
                       [value](const Verdict& each) -> double { return value(each.viewer); });
  };
  found.longest_freeze_ms =
      viewer([](const ViewerFigures& each) { return to_milliseconds(each.longest_freeze); });
  found.freezes_per_minute = viewer(
      [minutes](const ViewerFigures& each) { return static_cast<double>(each.freezes) / minutes; });
  found.freeze_ratio = viewer([](const ViewerFigures& each) { return each.freeze_ratio; });
  found.harmonic_fps = viewer([](const ViewerFigures& each) { return each.harmonic_fps; });
  found.miss_ratio = mean_of(outcomes, &Verdict::miss_ratio);
  found.overhead_ratio = overhead_of(outcomes);
  found.useful_share = mean_of(outcomes, &Verdict::useful_share);
  found.waste_share = mean_of(outcomes, &Verdict::waste_share);
  const auto as_double = [](uint64_t value) { return static_cast<double>(value); };
  found.wire_bytes =
      mean_of(outcomes, [&](const Verdict& each) { return as_double(each.wire_bytes); });
  found.chunks_retransmitted =
      mean_of(outcomes, [&](const Verdict& each) { return as_double(each.chunks_retransmitted); });
  found.queue_delay_p95_ms =
      mean_of(outcomes, [](const Verdict& each) { return to_milliseconds(each.queue_delay_p95); });
  gather_sums(outcomes, found);
  if (row.packets_per_ack) {
    found.ceiling = mathis_ceiling(mean_loss(cell), cell.rtt, kSegmentBytes, *row.packets_per_ack);
  }
  return found;
}

BoundFindings findings_of_bounds(const BySeed<Bounds>& outcomes) {
  return {.runs = outcomes.size(),
          .floor = interval_of(outcomes, &Bounds::floor),
          .ideal_arq = interval_of(outcomes, &Bounds::ideal_arq),
          .fec_20 = interval_of(outcomes, &Bounds::fec_20),
          .oracle = interval_of(outcomes, &Bounds::oracle)};
}

CellFindings findings_of_cell(const Experiment& experiment, size_t cell_index,
                              const std::vector<RunRecord>& records) {
  const Cell& cell = experiment.cells[cell_index];
  const size_t largest_i = experiment.clip.largest(FrameClass::I);
  CellFindings found{.cell = cell,
                     .bounds = {},
                     .warnings = warnings_of(cell, experiment.clip),
                     .attempts = attempts(cell.playout_delay, cell.one_way(), {}, cell.rtt),
                     .packets_of_largest_i = packets_of(largest_i),
                     .rows = {}};
  if (const auto rate = constant_capacity(cell, experiment.clip.media_rate())) {
    found.largest_i_takes = rate->time_for(largest_i);
  }
  const auto bounds = outcomes_of<Bounds>(experiment, records, {cell_index, std::nullopt, 1});
  found.bounds = findings_of_bounds(bounds);
  std::vector<BySeed<Verdict>> by_row;
  for (size_t i = 0; i < experiment.rows.size(); ++i) {
    by_row.push_back(outcomes_of<Verdict>(experiment, records, {cell_index, i, 1}));
  }
  const auto difference_to = [&](size_t ours, std::string_view name, Engine engine) {
    for (size_t i = 0; i < experiment.rows.size(); ++i) {
      const Row& row = experiment.rows[i];
      if (row.name == name && row.engine == engine) return difference(by_row[ours], by_row[i]);
    }
    return std::optional<Interval>{};
  };
  for (size_t i = 0; i < experiment.rows.size(); ++i) {
    const Row& row = experiment.rows[i];
    found.rows.push_back(findings_of_row(experiment, by_row[i], cell, row));
    RowFindings& added = found.rows.back();
    if (row.name != kReferenceRow) {
      added.q_less_reference = difference_to(i, kReferenceRow, row.engine);
    }
    if (row.engine == Engine::Real) {
      added.q_less_virtual = difference_to(i, row.name, Engine::Virtual);
    }
    added.eta = eta_of(by_row[i], bounds);
  }
  return found;
}

}  // namespace

Findings findings_of(const Experiment& experiment, const std::vector<RunRecord>& records,
                     std::string command) {
  const ClipTrace& clip = experiment.clip;
  Findings findings;
  findings.command = std::move(command);
  findings.clip = clip.name;
  findings.clip_digest = clip.digest();
  findings.frames = clip.size();
  findings.length = clip.length();
  findings.media_rate = clip.media_rate();
  for (const FrameClass each : kFrameClasses) {
    findings.frames_by_class[index_of(each)] = clip.count(each);
    findings.largest_by_class[index_of(each)] = clip.largest(each);
  }
  findings.seeds = experiment.seeds;
  findings.real_seeds = experiment.real_seeds;
  for (size_t i = 0; i < experiment.cells.size(); ++i) {
    findings.cells.push_back(findings_of_cell(experiment, i, records));
  }
  return findings;
}

bool Findings::has(Engine engine) const {
  return std::any_of(cells.begin(), cells.end(), [engine](const CellFindings& cell) {
    return std::any_of(cell.rows.begin(), cell.rows.end(),
                       [engine](const RowFindings& row) { return row.row.engine == engine; });
  });
}

std::string label_of(const Row& row) {
  return row.engine == Engine::Real ? row.name + ", real" : row.name;
}

double most_behind_ms(const CellFindings& cell) {
  double most = 0;
  for (const RowFindings& row : cell.rows) most = std::max(most, row.most_behind_ms);
  return most;
}

const char* engines_text(const Findings& findings) {
  if (!findings.has(Engine::Real)) return to_string(Engine::Virtual);
  return findings.has(Engine::Virtual) ? "both" : to_string(Engine::Real);
}

}  // namespace mayfly
