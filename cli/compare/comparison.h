#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "core/clock.h"
#include "lab/experiment.h"
#include "lab/findings.h"
#include "lab/journal.h"

namespace mayfly {

// One comparison under way: what is finished, and what is told of it.
class Comparison {
 public:
  struct Options {
    std::string out;     // folder
    uint32_t jobs = 1;   // runs on virtual time at once
    uint32_t lanes = 1;  // runs in real time at once
  };

  using RunTask = std::function<Result<RunRecord>(const Experiment&, const Task&)>;

  // The experiment must outlive it. `run_task` is called in processes made for it.
  Comparison(const Experiment& experiment, Journal journal, Options options,
             RunTask run_task = mayfly::run);

  // Runs what is not finished and writes the results, also when it is asked to stop (Ctrl-C).
  [[nodiscard]] CommandResult run();

 private:
  [[nodiscard]] bool is_finished(const Task& task) const;
  [[nodiscard]] bool is_real(const Task& task) const;
  [[nodiscard]] Findings findings() const;
  [[nodiscard]] Result<void> run_all(const std::vector<Task>& tasks, size_t at_once);
  [[nodiscard]] Result<size_t> lanes_that_keep_up(size_t wanted) const;
  [[nodiscard]] Result<void> run_pending();
  [[nodiscard]] Result<void> take(const Task& task, Result<std::string> output);
  void note_failure(const Task& task, const Error& why);
  [[nodiscard]] Result<void> tell_finished_cells();
  [[nodiscard]] std::string unfinished_tables() const;
  void show_progress(const Task& task);
  void clear_progress();
  [[nodiscard]] Result<void> write_results() const;

  const Experiment& experiment_;
  Journal journal_;
  const Options options_;
  const RunTask run_task_;
  std::vector<RunRecord> records_;
  std::vector<Task> finished_;
  // Nothing is known of these: they are left out, and run again by the next comparison.
  std::vector<Task> failed_;
  std::string first_failure_;
  std::vector<Task> pending_;  // on virtual time
  std::vector<Task> real_;     // pending in real time
  size_t told_ = 0;            // cells
  SteadyClock clock_;
  // Of what is being run.
  Timestamp began_{};
  size_t to_do_ = 0;
  size_t done_ = 0;
  bool progress_shown_ = false;
};

}  // namespace mayfly
