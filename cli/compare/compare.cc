#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/compare/comparison.h"
#include "cli/output.h"
#include "cli/parsed_option.h"
#include "demux/libav/libav_source.h"
#include "lab/default_clip.h"
#include "lab/real/self_check.h"

namespace mayfly {
namespace {

// As many as an interval wants, and as real time lets one wait for.
constexpr uint32_t kSeeds = 30;
constexpr uint32_t kRealSeeds = 1;

struct CompareOptions {
  std::string cells = "quick";
  std::string rows = "all";
  std::vector<Engine> engines = {Engine::Virtual};
  std::string clip;
  std::string out;
  std::optional<uint32_t> seeds;
  std::optional<uint32_t> real_seeds;
  int seconds = 40;
  uint32_t jobs = std::max(1U, std::thread::hardware_concurrency());
  std::optional<uint32_t> lanes;

  [[nodiscard]] bool has(Engine engine) const {
    return std::find(engines.begin(), engines.end(), engine) != engines.end();
  }
};

Result<std::vector<Engine>> parse_engines(const std::string& text) {
  if (text == "virtual") return std::vector{Engine::Virtual};
  if (text == "real") return std::vector{Engine::Real};
  if (text == "both") return std::vector{Engine::Virtual, Engine::Real};
  return failure(ErrorCode::InvalidArgument,
                 fmt::format("\"{}\" is not one of virtual, real, both", text));
}

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

// Options that would do nothing.
Result<void> check(const CompareOptions& options) {
  if (options.has(Engine::Real)) return {};
  for (const auto& [name, given] : {std::pair{"--real-seeds", options.real_seeds.has_value()},
                                    std::pair{"--lanes", options.lanes.has_value()}}) {
    if (!given) continue;
    return failure(ErrorCode::InvalidArgument,
                   fmt::format("{} is about the real engine: add --engine real or both, or leave "
                               "it out",
                               name));
  }
  return {};
}

// Tells why no row of the real engine can run here, once; empty: some can.
std::string common_obstacle(const Experiment& experiment) {
  std::string common;
  for (const Row& each : experiment.rows) {
    if (each.engine != Engine::Real) continue;
    if (each.obstacle.empty()) return {};
    common = each.obstacle;
  }
  return common;
}

CommandResult compare(const CompareOptions& options) {
  if (auto checked = check(options); !checked) return wrong_usage(checked.error());
  auto cells = parse_cells(options.cells);
  if (!cells) return wrong_usage(cells.error().in("--cells"));
  auto rows = parse_rows(options.rows, options.engines);
  if (!rows) return wrong_usage(rows.error().in("--rows"));
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error) {
    return failure(ErrorCode::Io, "making the folder " + options.out + ": " + error.message());
  }
  ASSIGN_OR_RETURN(ClipTrace clip, open_clip(options));
  const uint32_t real_seeds = options.real_seeds.value_or(options.seeds.value_or(kRealSeeds));
  Experiment experiment{std::move(clip), std::move(*cells), std::move(*rows),
                        options.has(Engine::Virtual) ? options.seeds.value_or(kSeeds) : 0,
                        options.has(Engine::Real) ? real_seeds : 0};
  find_obstacles(experiment);
  const std::string obstacle = common_obstacle(experiment);
  if (!obstacle.empty() && options.has(Engine::Virtual)) {
    write_to_stderr("mayfly: nothing can run in real time here: " + obstacle + "\n");
  }
  ASSIGN_OR_RETURN(Journal journal, Journal::open(options.out + "/runs.jsonl", experiment.clip));
  constexpr uint32_t kLanes = 12;
  auto result = Comparison(experiment, std::move(journal),
                           {options.out, options.jobs, options.lanes.value_or(kLanes)})
                    .run();
  if (result && !obstacle.empty() && !options.has(Engine::Virtual)) {
    return failure(ErrorCode::Unsupported, "nothing can run in real time here: " + obstacle);
  }
  return result;
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
                   "sctp-engine; with --engine real also tcp-cubic, tcp-bbr, srt, sctp-kernel")
      ->capture_default_str();
  add_parsed_option(*command, "--engine", options->engines, parse_engines,
                    "virtual: on virtual time; real: on the wall clock, real sockets over an "
                    "emulated link; both",
                    "ENGINE", "virtual");
  command->add_option("--clip", options->clip, "A file with video; otherwise one is made")
      ->type_name("FILE");
  command
      ->add_option("--seeds", options->seeds,
                   "Runs of each cell and row; otherwise 30, and 1 on the real engine")
      ->check(CLI::Range(1, 10'000));
  command->add_option("--real-seeds", options->real_seeds, "The same on the real engine alone")
      ->check(CLI::Range(1, 10'000));
  command->add_option("--seconds", options->seconds, "How much of the clip is used")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  command->add_option("--jobs", options->jobs, "Runs on virtual time at once")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command
      ->add_option("--lanes", options->lanes,
                   "Runs on the real engine at once, if the machine keeps up; otherwise 12")
      ->check(CLI::Range(1, 64));
  command->footer(
      "\nWrites results.json, results.csv and report.html; Ctrl-C keeps what is\n"
      "finished, and the same command goes on from there. On virtual time the figures\n"
      "do not depend on this machine. The real engine takes as long as the clip for\n"
      "each run; it wants user namespaces and TUN devices, as mayfly link does, and\n"
      "checks first how many runs at once this machine keeps up with.\n"
      "\nExample: two networks, a clip of one's own\n"
      "  mayfly compare --cells Q1,Q3 --clip clip.mp4 --out results\n"
      "Example: TCP and SRT beside SCTP, in real time\n"
      "  mayfly compare --cells Q1 --engine both --seconds 20 --out results");
  command->callback([options, &chosen] { chosen = [options] { return compare(*options); }; });
}

}  // namespace mayfly
