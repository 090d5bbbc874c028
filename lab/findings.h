#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/bootstrap.h"
#include "lab/experiment.h"

namespace mayfly {

// A row in a cell, over all seeds that are finished. Intervals are of means over seeds, 95 %.
struct RowFindings {
  Row row;
  size_t runs = 0;
  size_t ended_early = 0;  // runs whose session broke; their frames after that are lost
  std::string why_ended;   // of the first of them
  Interval q;
  std::array<Interval, kFrameClassCount> q_by_class;
  // Less the reference row's, seed by seed; none for that row itself and where it was not run.
  std::optional<Interval> q_less_reference;
  // Of a row on the real engine: less the same row's on the virtual one, seed by seed.
  std::optional<Interval> q_less_virtual;
  // (Q - floor) / (ceiling - floor), each over the seeds of this row; none where the latter two are
  // not a hundredth apart.
  std::optional<double> eta;
  std::array<ClassVerdict, kFrameClassCount> classes;  // summed
  LatencyCounts latency;
  double miss_ratio = 0;
  Interval longest_freeze_ms;
  double most_frozen_ms = 0;  // the longest freeze of all seeds
  Interval freezes_per_minute;
  Interval freeze_ratio;
  Interval harmonic_fps;
  double overhead_ratio = 0;  // of all runs together
  double useful_share = 0;
  double waste_share = 0;
  double wire_bytes = 0;  // per run
  double chunks_retransmitted = 0;
  double queue_delay_p95_ms = 0;
  double most_behind_ms = 0;        // of all seeds: how late this machine moved a packet
  std::optional<DataRate> ceiling;  // of its congestion control, at the cell's loss (Mathis)
};

struct BoundFindings {
  size_t runs = 0;
  Interval floor, ideal_arq, fec_20, oracle;
};

struct CellFindings {
  Cell cell;
  BoundFindings bounds;
  std::vector<std::string> warnings;
  int attempts = 0;                           // K of the first packet of a frame
  size_t packets_of_largest_i = 0;            // n_I
  std::optional<Duration> largest_i_takes{};  // S_I / C, where the capacity does not change
  std::vector<RowFindings> rows;              // in the experiment's order

  // Physically impossible: to be flagged, not scored.
  [[nodiscard]] bool is_impossible() const {
    return bounds.runs > 0 && bounds.oracle.mean < kImpossibleBelow;
  }
};

// All that a report says of a comparison.
struct Findings {
  std::string command;
  std::string clip;
  uint64_t clip_digest = 0;
  size_t frames = 0;
  Duration length{};
  DataRate media_rate;
  std::array<size_t, kFrameClassCount> frames_by_class{};
  std::array<size_t, kFrameClassCount> largest_by_class{};
  uint32_t seeds = 0;       // asked for
  uint32_t real_seeds = 0;  // the same on the real engine
  std::vector<CellFindings> cells;

  [[nodiscard]] bool has(Engine engine) const;
};

// "sctp-prio", and "sctp-prio, real" on the real engine.
[[nodiscard]] std::string label_of(const Row& row);
[[nodiscard]] double most_behind_ms(const CellFindings& cell);     // of all its rows
[[nodiscard]] const char* engines_text(const Findings& findings);  // "virtual", "real", "both"

// `records`: as many as are finished, in any order; those of other experiments are passed over.
[[nodiscard]] Findings findings_of(const Experiment& experiment,
                                   const std::vector<RunRecord>& records, std::string command);

}  // namespace mayfly
