#include "lab/experiment.h"

#include <algorithm>
#include <utility>

#include "lab/real/real_run.h"
#include "lab/sctp_run.h"
#include "lab/send_once.h"

namespace mayfly {
namespace {

Result<DeliveryLog> log_of(const ClipTrace& clip, const Cell& cell, const Row& row, uint64_t seed) {
  if (row.engine == Engine::Real) return run_real(clip, cell, row, seed);
  if (row.kind == Row::Kind::Udp) {
    const Link link = forward_link(cell, clip.media_rate(), seed,
                                   clip.length() + cell.playout_delay, Timestamp{});
    return send_once(clip, link, Repair::None);
  }
  return run_sctp(clip, cell, sctp_settings_of(row, cell), seed).log;
}

}  // namespace

std::vector<Task> tasks_of(const Experiment& experiment) {
  std::vector<Task> tasks;
  const uint32_t most = std::max(experiment.seeds, experiment.real_seeds);
  for (size_t cell = 0; cell < experiment.cells.size(); ++cell) {
    for (uint32_t seed = 1; seed <= most; ++seed) {
      tasks.push_back({cell, std::nullopt, seed});
      for (size_t i = 0; i < experiment.rows.size(); ++i) {
        const Row& row = experiment.rows[i];
        if (row.obstacle.empty() && seed <= experiment.seeds_of(row)) {
          tasks.push_back({cell, i, seed});
        }
      }
    }
  }
  return tasks;
}

RunRecord record_for(const Experiment& experiment, const Task& task) {
  const Cell& cell = experiment.cells[task.cell];
  RunRecord record;
  record.cell = cell.id;
  record.network = describe(cell);
  record.row = task.row ? experiment.rows[*task.row].name : kBoundsRow;
  record.settings = task.row ? experiment.rows[*task.row].settings : "";
  if (task.row) record.engine = experiment.rows[*task.row].engine;
  record.seed = task.seed;
  return record;
}

bool is_same_run(const RunRecord& a, const RunRecord& b) {
  return a.seed == b.seed && a.row == b.row && a.engine == b.engine && a.cell == b.cell &&
         a.network == b.network && a.settings == b.settings;
}

Result<RunRecord> run(const Experiment& experiment, const Task& task) {
  const Cell& cell = experiment.cells[task.cell];
  const ClipTrace& clip = experiment.clip;
  RunRecord record = record_for(experiment, task);
  if (!task.row) {
    record.outcome = bounds_of(clip, cell, task.seed);
    return record;
  }
  ASSIGN_OR_RETURN(const DeliveryLog log,
                   log_of(clip, cell, experiment.rows[*task.row], task.seed));
  record.outcome = judge(clip, log, cell.playout_delay);
  return record;
}

}  // namespace mayfly
