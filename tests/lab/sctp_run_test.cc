// Real sessions over the real stack, on virtual time.

#include "lab/sctp_run.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <thread>

#include "lab/experiment.h"
#include "lab/findings_table.h"
#include "lab/forked_runs.h"
#include "tests/lab/tables.h"
#include "tests/lab/traces.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;

Experiment small_experiment(const char* cells, uint32_t pictures) {
  return {trace_of(street_shape(pictures)), *parse_cells(cells), known_rows(), 2};
}

std::vector<RunRecord> run_all(const Experiment& experiment) {
  std::vector<RunRecord> records;
  for (const Task& each : tasks_of(experiment)) records.push_back(run(experiment, each).value());
  return records;
}

const std::atomic<bool> kNoStop{false};

// From here on this process can make no network of its own: it has no right to, and a process of
// two threads gets none in a namespace (user_namespaces(7)).
void give_up_networks() {
  if (geteuid() == 0 && setuid(65'534) != 0) return;
  std::thread([] {
    for (;;) pause();
  }).detach();
}

const RowFindings& row_named(const CellFindings& cell, const std::string& name) {
  for (const RowFindings& each : cell.rows) {
    if (each.row.name == name) return each;
  }
  ADD_FAILURE() << "no row " << name;
  return cell.rows.front();
}

TEST(SctpRunTest, ACleanCellShowsEverythingInEveryRow) {
  const Experiment experiment = small_experiment("Q0", 250);
  const Findings findings = findings_of(experiment, run_all(experiment), "");
  const CellFindings& cell = findings.cells.front();

  EXPECT_EQ(cell.bounds.floor.mean, 1);
  EXPECT_EQ(cell.bounds.oracle.mean, 1);
  for (const RowFindings& row : cell.rows) {
    SCOPED_TRACE(row.row.name);
    EXPECT_EQ(row.runs, 2U);
    EXPECT_EQ(row.q.mean, 1);
    EXPECT_EQ(row.longest_freeze_ms.mean, 0);
    EXPECT_EQ(row.miss_ratio, 0);
    EXPECT_EQ(row.ended_early, 0U);
    EXPECT_EQ(row.why_ended, "");
    EXPECT_GT(row.overhead_ratio, 1.02);
    EXPECT_LT(row.overhead_ratio, 1.25);
    EXPECT_GE(row.latency.percentile(0.5), 20U);
    EXPECT_FALSE(row.ceiling);
  }
}

TEST(SctpRunTest, TheSameSeedsGiveTheSameResultsToTheLastByte) {
  const Experiment experiment = small_experiment("Q1,Q6", 100);
  const std::string first = findings_json(findings_of(experiment, run_all(experiment), "x"));
  const std::string again = findings_json(findings_of(experiment, run_all(experiment), "x"));

  EXPECT_EQ(first, again);
}

// Two witnesses of one playout: the log of what arrived, and what the player counted.
TEST(SctpRunTest, ThePlayerAndTheLogAgreeOnWhatWasInTime) {
  const ClipTrace clip = trace_of(street_shape(250));
  for (const char* id : {"Q0", "Q1", "Q4"}) {
    const Cell cell = parse_cells(id)->front();
    for (const Row& row : known_rows()) {
      if (row.kind == Row::Kind::Udp) continue;
      SCOPED_TRACE(row.name + std::string(" in ") + id);
      const SctpRun played = run_sctp(clip, cell, sctp_settings_of(row, cell), 3);
      const Verdict verdict = judge(clip, played.log, cell.playout_delay);

      // The player's clock is the server's but for what its measurement of it is off: a frame that
      // came in the very moment of its deadline may be judged otherwise, and what needs it.
      EXPECT_NEAR(played.player.q(), verdict.q(), 0.04);
      uint64_t sent = 0;
      for (const ClassFates& each : played.player.classes) sent += each.sent;
      EXPECT_LE(sent, clip.size());
    }
  }
}

// On a link slower than the bursts of I frames packets wait for each other, which is no loss: of 1
// in 100 packets that are lost, and sent again, twice as many are allowed for.
TEST(SctpRunTest, TheEngineSendsAgainLittleThatWasNotLost) {
  const ClipTrace clip = trace_of(street_shape(500));
  const Cell cell = parse_cells("Q1")->front();
  const Row row = parse_rows("sctp-engine")->front();

  const SctpRun played = run_sctp(clip, cell, sctp_settings_of(row, cell), 1);

  EXPECT_GT(played.log.chunks_retransmitted, 5U);
  EXPECT_LT(played.log.chunks_retransmitted, played.log.wire_packets * 2 / 100);
}

TEST(SctpRunTest, EveryFrameEndsInOneState) {
  const ClipTrace clip = trace_of(street_shape(250));
  const Cell cell = parse_cells("Q3")->front();
  for (const Row& row : known_rows()) {
    if (row.kind == Row::Kind::Udp) continue;
    SCOPED_TRACE(row.name);
    const SctpRun played = run_sctp(clip, cell, sctp_settings_of(row, cell), 1);
    const Verdict verdict = judge(clip, played.log, cell.playout_delay);
    uint64_t abandoned = 0;
    for (const FrameClass each : {FrameClass::I, FrameClass::P, FrameClass::B}) {
      const ClassVerdict& fates = verdict.of(each);
      EXPECT_EQ(fates.frames, clip.count(each));
      EXPECT_EQ(fates.shown + fates.undecodable + fates.late + fates.abandoned_unsent +
                    fates.abandoned_sent + fates.lost,
                fates.frames);
      abandoned += fates.abandoned_unsent + fates.abandoned_sent;
    }
    if (row.kind == Row::Kind::SctpReliable) {
      EXPECT_EQ(abandoned, 0U);
    }
    if (row.kind == Row::Kind::SctpPrio) {
      EXPECT_GT(abandoned, 0U);
    }
  }
}

// RTT 40 ms and 1 % loss are 3 Mbit/s to RFC 9260's congestion control (Mathis), twice the rate of
// the clip; measured on real clips, a stack as it comes shows .58 of the frames and bare UDP as
// many, and with mayfly's settings .77 and more.
TEST(SctpRunTest, UnderLightLossMayflysSettingsShowMoreThanTheStackAsItComes) {
  Experiment experiment = small_experiment("Q1", 500);
  experiment.seeds = 4;
  const Findings findings = findings_of(experiment, run_all(experiment), "");
  const CellFindings& cell = findings.cells.front();
  const RowFindings& best = row_named(cell, "sctp-prio");
  const RowFindings& stock = row_named(cell, "sctp-prio-stock");
  SCOPED_TRACE(tables_of(findings));

  EXPECT_GT(best.q.mean, stock.q.mean);
  EXPECT_LE(best.q.mean, cell.bounds.oracle.mean);
  ASSERT_TRUE(stock.q_less_reference);
  EXPECT_NEAR(stock.q_less_reference->mean, stock.q.mean - best.q.mean, 1e-9);
  EXPECT_GT(stock.chunks_retransmitted, 0);
  ASSERT_TRUE(best.ceiling);
  EXPECT_NEAR(static_cast<double>(best.ceiling->bits_per_second()), 3.0e6, 0.05e6);
}

// Overloaded without loss: what is sent in order of age comes later and later, and what is left out
// in time leaves the rest in time.
TEST(SctpRunTest, UnderOverloadAReliableStreamShowsNearlyNothing) {
  const Experiment experiment = small_experiment("Q5", 500);
  const Findings findings = findings_of(experiment, run_all(experiment), "");
  const CellFindings& cell = findings.cells.front();
  SCOPED_TRACE(tables_of(findings));

  EXPECT_LT(row_named(cell, "sctp-reliable").q.mean, 0.4);
  EXPECT_GT(row_named(cell, "sctp-prio").q.mean, row_named(cell, "sctp-reliable").q.mean);
  EXPECT_LT(row_named(cell, "sctp-prio").q.mean, cell.bounds.oracle.mean);
}

// Says nothing of the row: it is no run that showed nothing.
TEST(RealTimeTest, ARunFailsWhereItsNetworkCannotBeMade) {
  Experiment experiment = small_experiment("Q0", 50);
  experiment.rows = *parse_rows("udp", {Engine::Real});
  Result<std::string> came = std::string();
  const auto done = ForkedRuns(1).run(
      1,
      [&experiment](size_t) -> Result<std::string> {
        give_up_networks();
        ASSIGN_OR_RETURN(const RunRecord record, run(experiment, {0, 0, 1}));
        return to_line(record);
      },
      [&came](size_t, Result<std::string> output) -> Result<void> {
        came = std::move(output);
        return {};
      },
      kNoStop);

  ASSERT_TRUE(done);
  ASSERT_FALSE(came);
  EXPECT_THAT(came.error().message, HasSubstr("the run failed: "));
}

TEST(SctpRunTest, AnImpossibleCellIsFlaggedAndNotScored) {
  Experiment experiment = small_experiment("Q0", 50);
  experiment.cells[0].capacity = DataRate::bits_per_second(1'000'000);
  const Findings findings = findings_of(experiment, run_all(experiment), "");

  EXPECT_TRUE(findings.cells.front().is_impossible());
  EXPECT_THAT(tables_of(findings), HasSubstr("physically impossible"));
  EXPECT_THAT(findings_json(findings), HasSubstr("\"impossible\": true"));
  EXPECT_THAT(findings_html(findings), HasSubstr("Physically impossible"));
}

}  // namespace
}  // namespace mayfly
