// Real sockets, real time, and an emulated link with the channel of the virtual engine.

#include "lab/real/real_run.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

#include "core/check.h"
#include "lab/experiment.h"
#include "lab/forked_runs.h"
#include "lab/sctp_run.h"
#include "tests/lab/traces.h"

namespace mayfly {
namespace {

using ::testing::Each;

const std::atomic<bool> kNever{false};

// Beyond this it is the machine that decided what came in time.
constexpr Duration kDisturbed = 60ms;
constexpr int kTries = 3;

// SRT's own clock has not come right.
bool is_too_busy(const Verdict& verdict) {
  return verdict.ended.find("too busy") != std::string::npos;
}

Row real_row(const std::string& name) { return parse_rows(name, {Engine::Real})->front(); }

Result<std::string> in_process_of_its_own(const std::function<std::string()>& work) {
  Result<std::string> came = std::string();
  const auto done = ForkedRuns(1).run(
      1, [&work](size_t) { return work(); },
      [&came](size_t, Result<std::string> output) -> Result<void> {
        came = std::move(output);
        return {};
      },
      kNever);
  return done ? came : failure(done.error());
}

// Which frames came in time, and how much the machine was behind.
struct Played {
  std::vector<bool> in_time;
  Duration behind{};
};

Played play_real(const ClipTrace& clip, const Cell& cell, const Row& row, uint64_t seed) {
  const auto text = in_process_of_its_own([&] {
    const auto log = run_real(clip, cell, row, seed);
    if (!log) return "failed: " + log.error().message;
    std::string flags;
    for (const bool each : on_time(clip, *log, cell.playout_delay)) flags += each ? '1' : '0';
    return std::to_string(log->most_behind.count()) + " " + flags;
  });
  EXPECT_TRUE(text) << text.error().message;
  Played played;
  if (!text) return played;
  std::istringstream words(*text);
  int64_t behind = -1;
  std::string flags;
  words >> behind >> flags;
  EXPECT_EQ(flags.size(), clip.size()) << *text;
  for (const char each : flags) played.in_time.push_back(each == '1');
  played.behind = Duration(behind);
  return played;
}

double q_of(const ClipTrace& clip, const std::vector<bool>& in_time) {
  const std::vector<bool> shown = decodable(clip, in_time);
  return static_cast<double>(std::count(shown.begin(), shown.end(), true)) /
         static_cast<double>(shown.size());
}

class RealRunTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto why = in_process_of_its_own([] { return obstacle_to(real_row("udp")); });
    ASSERT_TRUE(why) << why.error().message;
    if (!why->empty()) GTEST_SKIP() << "nothing can run in real time here: " << *why;
  }

  // Runs of these rows that can run here, all at once; again where the machine was disturbed.
  // Empty where it always was.
  [[nodiscard]] static std::vector<RunRecord> run_undisturbed(const Experiment& experiment) {
    for (int i = 0; i < kTries; ++i) {
      std::vector<RunRecord> records = run_all(experiment);
      const bool is_disturbed =
          std::any_of(records.begin(), records.end(), [](const RunRecord& each) {
            const auto& verdict = std::get<Verdict>(each.outcome);
            return verdict.most_behind > kDisturbed || is_too_busy(verdict);
          });
      if (!is_disturbed) return records;
    }
    return {};
  }

  [[nodiscard]] static std::vector<RunRecord> run_all(const Experiment& experiment) {
    std::vector<RunRecord> records;
    const auto done = ForkedRuns(experiment.rows.size())
                          .run(
                              experiment.rows.size(),
                              [&](size_t row) {
                                return to_line(run(experiment, {0, row, 1}).value());
                              },
                              [&](size_t, Result<std::string> output) -> Result<void> {
                                ASSIGN_OR_RETURN(const std::string line, std::move(output));
                                ASSIGN_OR_RETURN(RunRecord record, parse_record(line));
                                records.push_back(std::move(record));
                                return {};
                              },
                              kNever);
    EXPECT_TRUE(done) << done.error().message;
    return records;
  }
};

// Those that this machine has.
std::vector<Row> rows_that_can_run() {
  std::vector<Row> rows;
  for (const Row& each : known_rows(Engine::Real)) {
    const auto why = in_process_of_its_own([&] { return obstacle_to(each); });
    if (why && why->empty()) rows.push_back(each);
  }
  return rows;
}

TEST_F(RealRunTest, ACleanCellShowsEverythingInEveryRowAtOnce) {
  Experiment experiment{trace_of(street_shape(40)), *parse_cells("Q0"), rows_that_can_run(), 0, 1};
  // Slow start takes its time for an I frame, and the stock stack its own.
  experiment.cells[0].playout_delay = 1s;
  const std::vector<RunRecord> records = run_undisturbed(experiment);
  if (records.empty()) GTEST_SKIP() << "this machine did not keep up with real time";

  ASSERT_EQ(records.size(), experiment.rows.size());
  for (const RunRecord& each : records) {
    SCOPED_TRACE(each.row);
    const auto& verdict = std::get<Verdict>(each.outcome);
    EXPECT_EQ(verdict.ended, "");
    EXPECT_EQ(verdict.q(), 1);
    // Counted at the link, with headers: nothing passed it by.
    EXPECT_GT(verdict.overhead_ratio(), 1.02);
    EXPECT_LT(verdict.overhead_ratio(), 1.25);
    if (each.row == "udp") {
      EXPECT_EQ(verdict.chunks_retransmitted, 0U);
      EXPECT_GE(verdict.latency.counts().begin()->first, 20U);
    }
  }
}

TEST_F(RealRunTest, WhatTheLinkLosesIsSentAgainByAllButUdp) {
  Experiment experiment{trace_of(street_shape(60)), *parse_cells("Q3"), rows_that_can_run(), 0, 1};
  experiment.cells[0].playout_delay = 1s;

  // Some 300 packets of which one in twenty is lost: none of them is a chance of 2e-7.
  for (const RunRecord& each : run_all(experiment)) {
    SCOPED_TRACE(each.row);
    const auto& verdict = std::get<Verdict>(each.outcome);
    if (is_too_busy(verdict)) continue;
    EXPECT_EQ(verdict.ended, "");
    if (each.row == "udp") {
      EXPECT_EQ(verdict.chunks_retransmitted, 0U);
      EXPECT_LT(verdict.delivered_bytes, experiment.clip.bytes());
    } else {
      EXPECT_GT(verdict.chunks_retransmitted, 0U);
    }
  }
}

// A second of nothing in the middle, and no loss else: what is due in the dark cannot be shown by
// anybody, what comes well before is shown by all. The channel's seed says where the dark begins,
// so the two agree only where they meet the same channel.
class BothEnginesTest : public RealRunTest, public ::testing::WithParamInterface<const char*> {
 protected:
  static constexpr Duration kDark = 1s;

  [[nodiscard]] static Cell dark_cell() {
    Cell cell = parse_cells("Q0")->front();
    cell.playout_delay = 400ms;
    cell.blackouts = Blackouts{kDark, 10s};
    return cell;
  }
  // One in which the dark begins between 1.2 and 1.8 s.
  [[nodiscard]] static uint64_t seed_for(const ClipTrace& clip, const Cell& cell) {
    for (uint64_t seed = 1; seed < 1000; ++seed) {
      const Duration begins = dark_from(clip, cell, seed);
      if (begins > 1200ms && begins < 1800ms) return seed;
    }
    ADD_FAILURE() << "no such seed";
    return 1;
  }
  [[nodiscard]] static Duration dark_from(const ClipTrace& clip, const Cell& cell, uint64_t seed) {
    return forward_model(cell, clip.media_rate(), seed, 10s).outages.front().first;
  }
};

TEST_P(BothEnginesTest, MeetTheSameChannelAndShowAboutAsMuch) {
  const ClipTrace clip = trace_of(street_shape(125));
  const Cell cell = dark_cell();
  const uint64_t seed = seed_for(clip, cell);
  const Duration dark = dark_from(clip, cell, seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  const Row row = real_row(GetParam());
  const std::vector<bool> expected = on_time(
      clip, run_sctp(clip, cell, sctp_settings_of(row, cell), seed).log, cell.playout_delay);
  Played played;
  for (int i = 0; i < kTries; ++i) {
    played = play_real(clip, cell, row, seed);
    ASSERT_EQ(played.in_time.size(), clip.size());
    if (played.behind <= kDisturbed) break;
  }
  if (played.behind > kDisturbed) GTEST_SKIP() << "this machine did not keep up with real time";

  size_t before = 0;
  size_t within = 0;
  for (size_t i = 0; i < clip.size(); ++i) {
    SCOPED_TRACE("frame " + std::to_string(i));
    const Duration due = clip.due(i);
    if (due < dark - 500ms) {
      ++before;
      EXPECT_TRUE(expected[i]);
      EXPECT_TRUE(played.in_time[i]);
    } else if (due > dark + kDisturbed && due < dark + kDark - cell.playout_delay) {
      ++within;
      EXPECT_FALSE(expected[i]);
      EXPECT_FALSE(played.in_time[i]);
    }
  }
  EXPECT_GT(before, 10U);
  EXPECT_GT(within, 10U);
  // Of 5 s one is dark, and the stacks take about as long to find out that it is over: timers of
  // 100 to 400 ms, which may fall a whole period apart in the two.
  EXPECT_NEAR(q_of(clip, played.in_time), q_of(clip, expected), 0.2);
}

INSTANTIATE_TEST_SUITE_P(Rows, BothEnginesTest, ::testing::Values("sctp-prio", "sctp-engine"),
                         [](const auto& each) {
                           std::string name = each.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace mayfly
