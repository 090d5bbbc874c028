#include "lab/real/self_check.h"

#include <algorithm>
#include <string>
#include <utility>

#include "lab/forked_runs.h"
#include "lab/real/real_run.h"

namespace mayfly {
namespace {

constexpr Duration kCheckedLength = 2s;

ClipTrace beginning_of(const ClipTrace& clip) {
  ClipTrace part{clip.name, clip.track, {}};
  for (size_t i = 0; i < clip.size(); ++i) {
    if (i >= 2 && clip.due(i) >= kCheckedLength) break;
    part.frames.push_back(clip.frames[i]);
  }
  return part;
}

}  // namespace

Result<SelfCheck> check_lanes(const ClipTrace& clip, size_t lanes, const std::atomic<bool>& stop) {
  Experiment experiment{beginning_of(clip), {self_check_cell(clip)}, {}, 0, 1};
  const std::vector<Row>& real = known_rows(Engine::Real);
  experiment.rows.push_back(*std::find_if(
      real.begin(), real.end(), [](const Row& each) { return each.kind == Row::Kind::Udp; }));
  SelfCheck check{.lanes = lanes};
  const auto work = [&experiment](size_t) -> Result<std::string> {
    ASSIGN_OR_RETURN(const RunRecord record, run(experiment, {0, 0, 1}));
    return to_line(record);
  };
  const auto done = [&check](size_t, Result<std::string> output) -> Result<void> {
    if (!output) return failure(output.error());
    ASSIGN_OR_RETURN(const RunRecord record, parse_record(*output));
    const auto& verdict = std::get<Verdict>(record.outcome);
    if (!verdict.ended.empty()) return failure(ErrorCode::Io, verdict.ended);
    check.least_q = std::min(check.least_q, verdict.q());
    check.most_behind = std::max(check.most_behind, verdict.most_behind);
    return {};
  };
  RETURN_IF_ERROR(ForkedRuns(lanes).run(lanes, work, done, stop));
  return check;
}

void find_obstacles(Experiment& experiment) {
  std::vector<Row*> real;
  for (Row& each : experiment.rows) {
    if (each.engine == Engine::Real) real.push_back(&each);
  }
  // Each in a process of its own, which is moved out of this machine's network.
  const auto work = [&real](size_t index) { return obstacle_to(*real[index]); };
  const auto done = [&real](size_t index, Result<std::string> output) -> Result<void> {
    real[index]->obstacle = output ? std::move(*output) : output.error().message;
    return {};
  };
  const std::atomic<bool> never{false};
  const auto found = ForkedRuns(1).run(real.size(), work, done, never);
  if (found) return;
  for (Row* const each : real) each->obstacle = found.error().message;
}

}  // namespace mayfly
