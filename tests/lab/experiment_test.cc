#include "lab/experiment.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "lab/findings_table.h"
#include "telemetry/text.h"
#include "tests/lab/tables.h"
#include "tests/lab/traces.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Verdict verdict_with(uint64_t shown, uint64_t frames) {
  Verdict verdict;
  verdict.classes[index_of(FrameClass::P)] = {
      .frames = frames, .shown = shown, .late = frames - shown};
  verdict.latency.add(Duration(40'000));
  verdict.latency.add(Duration(1'250'001));
  verdict.delivered_bytes = 1000;
  verdict.shown_bytes = 500;
  verdict.wire_bytes = 1250;
  verdict.wire_packets = 7;
  verdict.chunks_retransmitted = 3;
  verdict.queue_delay_p95 = 12ms;
  verdict.most_behind = Duration(1'700);
  verdict.viewer = {.longest_freeze = 80ms,
                    .freezes = 2,
                    .frozen = 240ms,
                    .freeze_ratio = 0.125,
                    .harmonic_fps = 19.3};
  verdict.ended = "a <b> \"quoted\" reason";
  return verdict;
}

Experiment experiment_of(uint32_t seeds) {
  return {trace_of(street_shape(20)), *parse_cells("Q1"), *parse_rows("udp,sctp-prio"), seeds};
}

RunRecord record_of(const Experiment& experiment, std::optional<size_t> row, uint32_t seed,
                    std::variant<Verdict, Bounds> outcome) {
  RunRecord record = record_for(experiment, {0, row, seed});
  record.outcome = std::move(outcome);
  return record;
}

TEST(ExperimentTest, ARecordGoesThroughItsLineUnchanged) {
  const Experiment experiment = experiment_of(1);
  for (const RunRecord& record :
       {record_of(experiment, 0, 1, verdict_with(3, 4)),
        record_of(experiment, std::nullopt, 1, Bounds{0.1, 0.25, 0.3, 0.9})}) {
    const std::string line = to_line(record);
    EXPECT_THAT(line, Not(HasSubstr("\n")));
    const auto parsed = parse_record(line);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, record);
    EXPECT_FALSE(parse_record(line.substr(0, line.size() / 2)));
  }
  EXPECT_FALSE(parse_record("{}"));
}

TEST(ExperimentTest, EachSeedOfACellIsRunInAllRowsAndTheBoundsOnce) {
  const Experiment experiment = experiment_of(3);
  const std::vector<Task> tasks = tasks_of(experiment);

  EXPECT_EQ(tasks.size(), 3U * (2 + 1));
  EXPECT_EQ(tasks[0], (Task{0, std::nullopt, 1}));
  EXPECT_EQ(tasks[2], (Task{0, 1, 1}));
  EXPECT_EQ(tasks.back(), (Task{0, 1, 3}));
}

TEST(ExperimentTest, ARowOnBothEnginesIsTwoRowsWithSeedsOfTheirOwn) {
  Experiment experiment = experiment_of(3);
  experiment.rows = *parse_rows("udp,sctp-prio", {Engine::Virtual, Engine::Real});
  experiment.real_seeds = 1;
  ASSERT_EQ(experiment.rows.size(), 4U);
  EXPECT_EQ(tasks_of(experiment).size(), 3U * (2 + 1) + 2);

  // On virtual time .5 and .7, in real time .4 and .9.
  std::vector<RunRecord> records = {record_of(experiment, 0, 1, verdict_with(5, 10)),
                                    record_of(experiment, 1, 1, verdict_with(7, 10)),
                                    record_of(experiment, 2, 1, verdict_with(4, 10)),
                                    record_of(experiment, 3, 1, verdict_with(9, 10))};
  for (RunRecord& each : records) each = parse_record(to_line(each)).value();
  const Findings findings = findings_of(experiment, records, "");
  const std::vector<RowFindings>& rows = findings.cells[0].rows;

  EXPECT_NEAR(rows[0].q_less_reference->mean, -0.2, 1e-12);
  EXPECT_NEAR(rows[2].q_less_reference->mean, -0.5, 1e-12);
  EXPECT_FALSE(rows[0].q_less_virtual);
  EXPECT_NEAR(rows[2].q_less_virtual->mean, -0.1, 1e-12);
  EXPECT_NEAR(rows[3].q_less_virtual->mean, 0.2, 1e-12);
  EXPECT_STREQ(engines_text(findings), "both");
  const std::string table = tables_of(findings);
  EXPECT_THAT(table, HasSubstr("real time, real sockets:"));
  EXPECT_THAT(table, HasSubstr("sctp-prio, real less the same on virtual time: +.200"));
  EXPECT_THAT(findings_html(findings), HasSubstr("<th>sctp-prio, real</th>"));
  EXPECT_THAT(findings_csv(findings), HasSubstr("Q1,sctp-prio,1,0.900000"));
}

TEST(ExperimentTest, ARowThatCannotRunStaysInTheTableWithTheReason) {
  Experiment experiment = experiment_of(0);
  experiment.rows = *parse_rows("tcp-bbr,udp", {Engine::Real});
  experiment.rows[0].obstacle = "this kernel has no bbr for TCP";
  experiment.real_seeds = 2;

  EXPECT_EQ(tasks_of(experiment).size(), 2U * (1 + 1));
  const Findings findings = findings_of(experiment, {}, "");
  EXPECT_THAT(tables_of(findings), HasSubstr("tcp-bbr          cannot run here\n"));
  EXPECT_THAT(tables_of(findings),
              HasSubstr("tcp-bbr cannot run here: this kernel has no bbr for TCP"));
  EXPECT_THAT(findings_html(findings),
              HasSubstr("tcp-bbr, real cannot run here: this kernel has no bbr for TCP"));
  EXPECT_THAT(findings_json(findings),
              HasSubstr("\"why_not_run\": \"this kernel has no bbr for TCP\""));
}

TEST(ExperimentTest, FindingsAreMeansOverSeedsAndDifferencesSeedBySeed) {
  const Experiment experiment = experiment_of(3);
  std::vector<RunRecord> records;
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    records.push_back(record_of(experiment, 0, seed, verdict_with(seed, 10)));
    if (seed == 3) continue;  // not finished yet
    records.push_back(record_of(experiment, 1, seed, verdict_with(seed + 4, 10)));
    records.push_back(record_of(experiment, std::nullopt, seed, Bounds{0.1, 0.6, 0.3, 0.9}));
  }
  const Findings findings = findings_of(experiment, records, "");
  const CellFindings& cell = findings.cells[0];
  const RowFindings& udp = cell.rows[0];
  const RowFindings& prio = cell.rows[1];

  EXPECT_NEAR(udp.q.mean, 0.2, 1e-12);
  EXPECT_EQ(udp.runs, 3U);
  EXPECT_NEAR(prio.q.mean, 0.55, 1e-12);
  ASSERT_TRUE(udp.q_less_reference);
  EXPECT_NEAR(udp.q_less_reference->mean, -0.4, 1e-12);
  EXPECT_NEAR(udp.q_less_reference->hi, -0.4, 1e-12);
  EXPECT_FALSE(prio.q_less_reference);
  ASSERT_TRUE(prio.eta);
  EXPECT_NEAR(*prio.eta, (0.55 - 0.1) / (0.6 - 0.1), 1e-9);
  EXPECT_EQ(udp.ended_early, 3U);
  EXPECT_EQ(udp.overhead_ratio, 1.25);
}

TEST(ExperimentTest, EtaComparesARowWithTheBoundsOfItsOwnSeeds) {
  const Experiment experiment = experiment_of(2);
  const std::vector<RunRecord> records = {
      record_of(experiment, std::nullopt, 1, Bounds{0.1, 0.6, 0.3, 0.9}),
      record_of(experiment, std::nullopt, 2, Bounds{0.3, 0.95, 0.3, 0.9}),
      record_of(experiment, 0, 1, verdict_with(2, 10)),
      record_of(experiment, 0, 2, verdict_with(6, 10)),
      record_of(experiment, 1, 2, verdict_with(6, 10))};

  const Findings findings = findings_of(experiment, records, "");
  const std::vector<RowFindings>& rows = findings.cells[0].rows;

  // Means of both seeds: Q .4, floor .2, ideal .775, oracle .9; of the second: .6, .3, .95, .9.
  ASSERT_TRUE(rows[0].eta && rows[1].eta);
  EXPECT_NEAR(*rows[0].eta, (0.4 - 0.2) / (0.775 - 0.2), 1e-9);
  EXPECT_NEAR(*rows[1].eta, (0.6 - 0.3) / (0.9 - 0.3), 1e-9);
}

TEST(ExperimentTest, ARunThatDeliveredNothingMakesARowNoCheaper) {
  const Experiment experiment = experiment_of(2);
  Verdict nothing = verdict_with(0, 10);
  nothing.delivered_bytes = 0;
  nothing.wire_bytes = 750;
  const std::vector<RunRecord> records = {record_of(experiment, 0, 1, verdict_with(5, 10)),
                                          record_of(experiment, 0, 2, nothing)};

  EXPECT_EQ(findings_of(experiment, records, "").cells[0].rows[0].overhead_ratio, 2);
}

TEST(ExperimentTest, TablesFit80ColumnsAndReportsAskTheNetworkForNothing) {
  Experiment experiment = experiment_of(2);
  experiment.cells = quick_cells();
  experiment.rows = known_rows();
  std::vector<RunRecord> records;
  for (const Task& each : tasks_of(experiment)) {
    RunRecord record = record_for(experiment, each);
    record.outcome = each.row ? std::variant<Verdict, Bounds>(verdict_with(1234, 12'345))
                              : Bounds{0.1, 0.99999, 0.3, 1};
    records.push_back(std::move(record));
  }
  const Findings findings = findings_of(experiment, records, "mayfly compare --out \"<x>\"");

  std::istringstream lines(tables_of(findings));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(columns_of(line), 80U) << line;
  EXPECT_THAT(tables_of(findings), HasSubstr("Q7 outage"));

  const auto json = nlohmann::json::parse(findings_json(findings));
  EXPECT_EQ(json["schema"], "mayfly-compare/1");
  EXPECT_EQ(json["cells"].size(), 8U);
  EXPECT_EQ(json["cells"][0]["rows"].size(), known_rows().size());
  EXPECT_EQ(json["cells"][0]["rows"][0]["classes"]["p"]["frames"], 2 * 12'345);
  EXPECT_EQ(json["cells"][0]["bounds"]["oracle"]["mean"], 1);

  std::istringstream csv(findings_csv(findings));
  std::string heading;
  std::getline(csv, heading);
  size_t rows = 0;
  for (std::string line; std::getline(csv, line); ++rows) {
    EXPECT_EQ(std::count(line.begin(), line.end(), ','),
              std::count(heading.begin(), heading.end(), ','))
        << line;
  }
  EXPECT_EQ(rows, 8 * (known_rows().size() + 4));

  const std::string html = findings_html(findings);
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_THAT(html, Not(HasSubstr("a <b>")));
  EXPECT_THAT(html, HasSubstr("&lt;b&gt;"));
  EXPECT_THAT(html, HasSubstr("<svg"));
}

}  // namespace
}  // namespace mayfly
