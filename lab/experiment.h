#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/result.h"
#include "lab/bounds.h"
#include "lab/cell.h"
#include "lab/clip_trace.h"
#include "lab/row.h"
#include "lab/verdict.h"

namespace mayfly {

// A whole comparison, as a value.
struct Experiment {
  ClipTrace clip;
  std::vector<Cell> cells;
  std::vector<Row> rows;
  uint32_t seeds = 0;       // 1 to this
  uint32_t real_seeds = 0;  // the same of rows on the real engine

  [[nodiscard]] uint32_t seeds_of(const Row& row) const {
    return row.engine == Engine::Real ? real_seeds : seeds;
  }
};

// One thing to run, of an experiment.
struct Task {
  size_t cell = 0;
  std::optional<size_t> row;  // none: the bounds
  uint32_t seed = 0;
  friend bool operator==(const Task&, const Task&) = default;
};

// What came of a task, by name, so that it outlives the experiment's order.
struct RunRecord {
  std::string cell;
  std::string network;  // as describe() has it: two cells of one name may differ between versions
  std::string row;      // "bounds" for those
  std::string settings;
  Engine engine = Engine::Virtual;
  uint32_t seed = 0;
  std::variant<Verdict, Bounds> outcome;
  friend bool operator==(const RunRecord&, const RunRecord&) = default;
};
inline constexpr const char* kBoundsRow = "bounds";

// Cell by cell, and seed by seed in it: whoever stops early has whole cells, of fewer seeds.
// Without rows that cannot run here.
[[nodiscard]] std::vector<Task> tasks_of(const Experiment& experiment);
// The record that the task will have, without an outcome.
[[nodiscard]] RunRecord record_for(const Experiment& experiment, const Task& task);
// Whether two records are of the same run, whatever came of it.
[[nodiscard]] bool is_same_run(const RunRecord& a, const RunRecord& b);
// Runs it. SCTP rows use the process's one stack: one at a time in a process. Rows of the real
// engine take a process for themselves (lab/real/real_run.h), and fail where what they run on
// cannot be set up: that says nothing of the row.
[[nodiscard]] Result<RunRecord> run(const Experiment& experiment, const Task& task);

// A record as one line of JSON, without the line's end, and back. Fails with Malformed.
[[nodiscard]] std::string to_line(const RunRecord& record);
[[nodiscard]] Result<RunRecord> parse_record(const std::string& line);

}  // namespace mayfly
