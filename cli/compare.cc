#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/output.h"
#include "core/clock.h"
#include "demux/libav/libav_source.h"
#include "lab/default_clip.h"
#include "lab/experiment.h"
#include "lab/findings_table.h"
#include "lab/forked_runs.h"
#include "lab/journal.h"
#include "telemetry/text.h"

namespace mayfly {
namespace {

struct CompareOptions {
  std::string cells = "quick";
  std::string rows = "all";
  std::string clip;
  std::string out;
  uint32_t seeds = 30;
  int seconds = 40;
  uint32_t jobs = std::max(1U, std::thread::hardware_concurrency());
};

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

Result<ClipTrace> open_clip(const CompareOptions& options) {
  std::string path = options.clip;
  if (path.empty()) {
    ASSIGN_OR_RETURN(const DefaultClip made, default_clip(options.out, options.seconds));
    if (!made.notice.empty()) write_to_stderr("mayfly: " + made.notice + "\n");
    path = made.path;
  }
  ASSIGN_OR_RETURN(const auto source, LibavSource::open(path));
  return read_clip_trace(*source, std::filesystem::path(path).filename().string(),
                         std::chrono::seconds(options.seconds));
}

// A run whose process broke: nothing of it is known to have arrived.
RunRecord broken(const Experiment& experiment, const Task& task, const Error& why) {
  RunRecord record = record_for(experiment, task);
  if (!task.row) return record;
  DeliveryLog log;
  log.frames.resize(experiment.clip.size());
  log.ended = why.message;
  record.outcome = judge(experiment.clip, log, experiment.cells[task.cell].playout_delay);
  return record;
}

// One comparison under way: what is finished, and what is told of it.
class Comparison {
 public:
  Comparison(const Experiment& experiment, Journal journal)
      : experiment_(experiment), journal_(std::move(journal)), records_(journal_.found()) {
    for (const Task& task : tasks_of(experiment_)) {
      (is_finished(task) ? finished_ : pending_).push_back(task);
    }
  }

  [[nodiscard]] CommandResult run(const CompareOptions& options) {
    const StopOnSignal signals;
    RETURN_IF_ERROR(write_to_stdout(clip_lines(findings())));
    if (!finished_.empty()) {
      write_to_stderr(fmt::format("mayfly: {} of {} runs are in {} already\n", finished_.size(),
                                  finished_.size() + pending_.size(), options.out));
    }
    began_ = clock_.now();
    RETURN_IF_ERROR(tell_finished_cells());
    const auto done =
        ForkedRuns(options.jobs)
            .run(
                pending_.size(),
                [this](size_t index) { return to_line(mayfly::run(experiment_, pending_[index])); },
                [this](size_t index, Result<std::string> output) {
                  return take(pending_[index], std::move(output));
                },
                stop_asked);
    clear_progress();
    RETURN_IF_ERROR(write_results(options.out));
    RETURN_IF_ERROR(done);
    if (done_ == pending_.size()) {
      write_to_stderr(
          fmt::format("mayfly: {0}/results.json, {0}/results.csv, {0}/report.html\n", options.out));
      return {};
    }
    RETURN_IF_ERROR(write_to_stdout(unfinished_tables()));
    return failure(ErrorCode::Closed,
                   fmt::format("stopped with {} of {} runs finished; the same command goes on "
                               "from there",
                               finished_.size(), finished_.size() + pending_.size() - done_));
  }

 private:
  [[nodiscard]] bool is_finished(const Task& task) const {
    const RunRecord wanted = record_for(experiment_, task);
    return std::any_of(records_.begin(), records_.end(), [&wanted](const RunRecord& each) {
      return each.seed == wanted.seed && each.row == wanted.row && each.cell == wanted.cell &&
             each.network == wanted.network && each.settings == wanted.settings;
    });
  }
  [[nodiscard]] Findings findings() const {
    return findings_of(experiment_, records_, command_line());
  }

  Result<void> take(const Task& task, Result<std::string> output) {
    ++done_;
    finished_.push_back(task);
    if (!output && !task.row) return failure(output.error().in("computing the bounds"));
    RunRecord record;
    if (output) {
      ASSIGN_OR_RETURN(record, parse_record(*output));
    } else {
      record = broken(experiment_, task, output.error());
    }
    RETURN_IF_ERROR(journal_.append(record));
    records_.push_back(std::move(record));
    show_progress(task);
    return tell_finished_cells();
  }

  // The table of each cell as soon as all of it is there, in their order.
  Result<void> tell_finished_cells() {
    while (told_ < experiment_.cells.size()) {
      const size_t runs = (experiment_.rows.size() + 1) * experiment_.seeds;
      const auto here = std::count_if(finished_.begin(), finished_.end(),
                                      [this](const Task& each) { return each.cell == told_; });
      if (static_cast<size_t>(here) < runs) break;
      clear_progress();
      RETURN_IF_ERROR(write_to_stdout("\n" + cell_table(findings().cells[told_])));
      ++told_;
    }
    return {};
  }
  [[nodiscard]] std::string unfinished_tables() const {
    std::string text;
    const Findings found = findings();
    for (size_t cell = told_; cell < found.cells.size(); ++cell) {
      const bool any = std::any_of(finished_.begin(), finished_.end(),
                                   [cell](const Task& each) { return each.cell == cell; });
      if (any) text += "\n" + cell_table(found.cells[cell]);
    }
    return text;
  }

  void show_progress(const Task& task) {
    if (!stderr_is_terminal()) return;
    const Duration left = (clock_.now() - began_) * static_cast<int64_t>(pending_.size() - done_) /
                          static_cast<int64_t>(done_);
    const RunRecord record = record_for(experiment_, task);
    const std::string line =
        fmt::format("{} of {} runs, {} left; {} {} seed {}", finished_.size(),
                    finished_.size() + pending_.size() - done_, media_time_text(left), record.cell,
                    record.row, record.seed);
    write_to_stderr("\r\x1b[K" + fitted(line, kTerminalColumns - 1));
    progress_shown_ = true;
  }
  void clear_progress() {
    if (std::exchange(progress_shown_, false)) write_to_stderr("\r\x1b[K");
  }

  Result<void> write_results(const std::string& out) const {
    const Findings found = findings();
    RETURN_IF_ERROR(write_file(out + "/results.json", findings_json(found)));
    RETURN_IF_ERROR(write_file(out + "/results.csv", findings_csv(found)));
    return write_file(out + "/report.html", findings_html(found));
  }

  const Experiment& experiment_;
  Journal journal_;
  std::vector<RunRecord> records_;
  std::vector<Task> finished_;
  std::vector<Task> pending_;
  size_t done_ = 0;  // of those pending
  size_t told_ = 0;  // cells
  SteadyClock clock_;
  Timestamp began_;
  bool progress_shown_ = false;
};

CommandResult compare(const CompareOptions& options) {
  auto cells = parse_cells(options.cells);
  if (!cells) return wrong_usage(cells.error().in("--cells"));
  auto rows = parse_rows(options.rows);
  if (!rows) return wrong_usage(rows.error().in("--rows"));
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error) {
    return failure(ErrorCode::Io, "making the folder " + options.out + ": " + error.message());
  }
  ASSIGN_OR_RETURN(ClipTrace clip, open_clip(options));
  const Experiment experiment{std::move(clip), std::move(*cells), std::move(*rows), options.seeds};
  ASSIGN_OR_RETURN(Journal journal, Journal::open(options.out + "/runs.jsonl", experiment.clip));
  return Comparison(experiment, std::move(journal)).run(options);
}

}  // namespace

void add_compare_command(CLI::App& app, ChosenCommand& chosen) {
  auto* command = app.add_subcommand(
      "compare",
      "The same clip over several transports on the same bad networks, judged by what "
      "a viewer saw");
  const auto options = std::make_shared<CompareOptions>();
  command->add_option("--out", options->out, "Where results and unfinished work go")
      ->required()
      ->type_name("DIR");
  command
      ->add_option("--cells", options->cells,
                   "Networks: quick, or ids as in Q1,Q3 (docs/BENCHMARK.md)")
      ->capture_default_str();
  command
      ->add_option("--rows", options->rows,
                   "Transports: all, or some of udp, sctp-reliable, sctp-prio-stock, sctp-prio, "
                   "sctp-engine")
      ->capture_default_str();
  command->add_option("--clip", options->clip, "A file with video; otherwise one is made")
      ->type_name("FILE");
  command->add_option("--seeds", options->seeds, "Runs of each cell and row")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_option("--seconds", options->seconds, "How much of the clip is used")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  command->add_option("--jobs", options->jobs, "Runs at the same time")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->footer(
      "\nRuns on virtual time: the figures do not depend on this machine. Writes\n"
      "results.json, results.csv and report.html; Ctrl-C keeps what is finished, and\n"
      "the same command goes on from there.\n"
      "\nExample: two networks, a clip of one's own\n"
      "  mayfly compare --cells Q1,Q3 --clip clip.mp4 --out results");
  command->callback([options, &chosen] { chosen = [options] { return compare(*options); }; });
}

}  // namespace mayfly
