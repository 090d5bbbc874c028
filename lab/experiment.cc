#include "lab/experiment.h"

#include <utility>

#include "lab/sctp_run.h"
#include "lab/send_once.h"

namespace mayfly {

std::vector<Task> tasks_of(const Experiment& experiment) {
  std::vector<Task> tasks;
  for (size_t cell = 0; cell < experiment.cells.size(); ++cell) {
    for (uint32_t seed = 1; seed <= experiment.seeds; ++seed) {
      tasks.push_back({cell, std::nullopt, seed});
      for (size_t row = 0; row < experiment.rows.size(); ++row) tasks.push_back({cell, row, seed});
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
  record.seed = task.seed;
  return record;
}

RunRecord run(const Experiment& experiment, const Task& task) {
  const Cell& cell = experiment.cells[task.cell];
  const ClipTrace& clip = experiment.clip;
  RunRecord record = record_for(experiment, task);
  if (!task.row) {
    record.outcome = bounds_of(clip, cell, task.seed);
    return record;
  }
  const Row& row = experiment.rows[*task.row];
  if (row.kind == Row::Kind::Udp) {
    const Link link = forward_link(cell, clip.media_rate(), task.seed,
                                   clip.length() + cell.playout_delay, Timestamp{});
    record.outcome = judge(clip, send_once(clip, link, Repair::None), cell.playout_delay);
  } else {
    const SctpSettings settings = sctp_settings_of(row, cell);
    record.outcome = judge(clip, run_sctp(clip, cell, settings, task.seed).log, cell.playout_delay);
  }
  return record;
}

}  // namespace mayfly
