#include "cli/compare/comparison.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <atomic>

#include "cli/output.h"
#include "lab/findings_table.h"
#include "lab/forked_runs.h"
#include "lab/real/self_check.h"
#include "telemetry/text.h"

namespace mayfly {
namespace {

// Set by the signals that ask to stop.
std::atomic<bool> stop_asked{false};

// Ctrl-C ends the comparison in good order for as long as one lives.
class StopOnSignal {
 public:
  StopOnSignal() {
    stop_asked = false;
    struct sigaction action {};
    action.sa_handler = [](int) { stop_asked = true; };
    sigaction(SIGINT, &action, &interrupt_before_);
    sigaction(SIGTERM, &action, &terminate_before_);
  }
  ~StopOnSignal() {
    sigaction(SIGINT, &interrupt_before_, nullptr);
    sigaction(SIGTERM, &terminate_before_, nullptr);
  }
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

 private:
  struct sigaction interrupt_before_ {};
  struct sigaction terminate_before_ {};
};

std::string lanes_text(size_t lanes) {
  return lanes == 1 ? "one run in real time" : fmt::format("{} runs in real time at once", lanes);
}

}  // namespace

Comparison::Comparison(const Experiment& experiment, Journal journal, Options options,
                       RunTask run_task)
    : experiment_(experiment),
      journal_(std::move(journal)),
      options_(std::move(options)),
      run_task_(std::move(run_task)),
      records_(journal_.found()) {
  for (const Task& task : tasks_of(experiment_)) {
    (is_finished(task) ? finished_ : is_real(task) ? real_ : pending_).push_back(task);
  }
}

CommandResult Comparison::run() {
  const StopOnSignal signals;
  RETURN_IF_ERROR(write_to_stdout(clip_lines(findings())));
  const size_t all = finished_.size() + pending_.size() + real_.size();
  if (!finished_.empty()) {
    write_to_stderr(fmt::format("mayfly: {} of {} runs are in {} already\n", finished_.size(), all,
                                options_.out));
  }
  RETURN_IF_ERROR(tell_finished_cells());
  const auto done = run_pending();
  clear_progress();
  RETURN_IF_ERROR(write_results());
  RETURN_IF_ERROR(done);
  if (finished_.size() + failed_.size() == all) {
    write_to_stderr(
        fmt::format("mayfly: {0}/results.json, {0}/results.csv, {0}/report.html\n", options_.out));
    if (failed_.empty()) return {};
    return failure(ErrorCode::Io,
                   fmt::format("{} of {} runs could not be made and are left out; the same command "
                               "tries them again. {}",
                               failed_.size(), all, first_failure_));
  }
  RETURN_IF_ERROR(write_to_stdout(unfinished_tables()));
  return failure(ErrorCode::Closed,
                 fmt::format("stopped with {} of {} runs finished; the same command goes on "
                             "from there",
                             finished_.size(), all));
}

bool Comparison::is_finished(const Task& task) const {
  const RunRecord wanted = record_for(experiment_, task);
  return std::any_of(records_.begin(), records_.end(),
                     [&wanted](const RunRecord& each) { return is_same_run(each, wanted); });
}

bool Comparison::is_real(const Task& task) const {
  return task.row && experiment_.rows[*task.row].engine == Engine::Real;
}

Findings Comparison::findings() const { return findings_of(experiment_, records_, command_line()); }

// What computes, and then what must not be disturbed by it.
Result<void> Comparison::run_pending() {
  RETURN_IF_ERROR(run_all(pending_, options_.jobs));
  if (real_.empty() || stop_asked) return {};
  ASSIGN_OR_RETURN(const size_t lanes,
                   lanes_that_keep_up(std::min<size_t>(options_.lanes, real_.size())));
  return run_all(real_, lanes);
}

Result<void> Comparison::run_all(const std::vector<Task>& tasks, size_t at_once) {
  began_ = clock_.now();
  to_do_ = tasks.size();
  done_ = 0;
  return ForkedRuns(at_once).run(
      tasks.size(),
      [&](size_t index) -> Result<std::string> {
        ASSIGN_OR_RETURN(const RunRecord record, run_task_(experiment_, tasks[index]));
        return to_line(record);
      },
      [&](size_t index, Result<std::string> output) {
        return take(tasks[index], std::move(output));
      },
      stop_asked);
}

Result<size_t> Comparison::lanes_that_keep_up(size_t wanted) const {
  for (size_t lanes = wanted;; lanes /= 2) {
    auto check = check_lanes(experiment_.clip, lanes, stop_asked);
    if (!check) return failure(check.error().in("checking whether real time can be kept up with"));
    if (stop_asked) return lanes;
    if (check->is_passed()) {
      write_to_stderr(fmt::format(
          "mayfly: {}: each showed all of a clean cell, and moved packets at most {} ms late\n",
          lanes_text(lanes), milliseconds_text(check->most_behind)));
      return lanes;
    }
    const std::string found =
        fmt::format("mayfly: {}: this machine does not keep up, a clean cell showed {:.3f}",
                    lanes_text(lanes), check->least_q);
    if (lanes == 1) {
      write_to_stderr(found + "; what rows show in real time will be too little\n");
      return lanes;
    }
    write_to_stderr(fmt::format("{}; trying {}\n", found, lanes / 2));
  }
}

Result<void> Comparison::take(const Task& task, Result<std::string> output) {
  ++done_;
  if (output) {
    ASSIGN_OR_RETURN(RunRecord record, parse_record(*output));
    RETURN_IF_ERROR(journal_.append(record));
    records_.push_back(std::move(record));
    finished_.push_back(task);
  } else {
    note_failure(task, output.error());
  }
  show_progress(task);
  return tell_finished_cells();
}

void Comparison::note_failure(const Task& task, const Error& why) {
  failed_.push_back(task);
  if (failed_.size() > 1) return;
  const RunRecord record = record_for(experiment_, task);
  first_failure_ = fmt::format("The first, {} {}{}, seed {}: {}", record.cell, record.row,
                               is_real(task) ? " in real time" : "", record.seed, why.message);
}

// The table of each cell as soon as all of it is there, in their order.
Result<void> Comparison::tell_finished_cells() {
  const std::vector<Task> all = tasks_of(experiment_);
  const auto here = [this](const std::vector<Task>& tasks) {
    return std::count_if(tasks.begin(), tasks.end(),
                         [this](const Task& each) { return each.cell == told_; });
  };
  for (; told_ < experiment_.cells.size() && here(finished_) + here(failed_) == here(all);
       ++told_) {
    clear_progress();
    RETURN_IF_ERROR(write_to_stdout("\n" + cell_table(findings().cells[told_])));
  }
  return {};
}

std::string Comparison::unfinished_tables() const {
  std::string text;
  const Findings found = findings();
  for (size_t cell = told_; cell < found.cells.size(); ++cell) {
    const bool any = std::any_of(finished_.begin(), finished_.end(),
                                 [cell](const Task& each) { return each.cell == cell; });
    if (any) text += "\n" + cell_table(found.cells[cell]);
  }
  return text;
}

void Comparison::show_progress(const Task& task) {
  if (!stderr_is_terminal()) return;
  const Duration left =
      (clock_.now() - began_) * static_cast<int64_t>(to_do_ - done_) / static_cast<int64_t>(done_);
  const RunRecord record = record_for(experiment_, task);
  const std::string line = fmt::format("{} of {} runs{}, {} left; {} {} seed {}", done_, to_do_,
                                       is_real(task) ? " in real time" : "", media_time_text(left),
                                       record.cell, record.row, record.seed);
  write_to_stderr("\r\x1b[K" + fitted(line, kTerminalColumns - 1));
  progress_shown_ = true;
}

void Comparison::clear_progress() {
  if (std::exchange(progress_shown_, false)) write_to_stderr("\r\x1b[K");
}

Result<void> Comparison::write_results() const {
  const Findings found = findings();
  RETURN_IF_ERROR(write_file(options_.out + "/results.json", findings_json(found)));
  RETURN_IF_ERROR(write_file(options_.out + "/results.csv", findings_csv(found)));
  return write_file(options_.out + "/report.html", findings_html(found));
}

}  // namespace mayfly
