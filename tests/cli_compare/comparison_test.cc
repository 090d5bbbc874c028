#include "cli/compare/comparison.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/lab/traces.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ComparisonTest : public ::testing::Test {
 protected:
  ComparisonTest() { std::filesystem::create_directories(out_); }
  ~ComparisonTest() override { std::filesystem::remove_all(out_); }

  [[nodiscard]] CommandResult compare(Comparison::RunTask run_task) {
    auto journal = Journal::open(out_ + "/runs.jsonl", experiment_.clip);
    return Comparison(experiment_, std::move(journal.value()), {.out = out_, .jobs = 2},
                      std::move(run_task))
        .run();
  }
  [[nodiscard]] std::string content_of(const char* name) const {
    std::ostringstream all;
    all << std::ifstream(out_ + "/" + name).rdbuf();
    return all.str();
  }

  const std::string out_ =
      std::filesystem::temp_directory_path() / ("mayfly-comparison-" + std::to_string(getpid()));
  const Experiment experiment_{trace_of(street_shape(20)), *parse_cells("Q0"), *parse_rows("udp"),
                               3};
};

bool is_row_of_seed(const Task& task, uint32_t seed) { return task.row && task.seed == seed; }

TEST_F(ComparisonTest, LeavesOutWhatCouldNotBeRunAndRunsItTheNextTime) {
  const auto first = compare([](const Experiment& experiment, const Task& task) {
    // One has no network, and the process of another dies.
    if (is_row_of_seed(task, 2)) return Result<RunRecord>(failure(ErrorCode::Io, "no network"));
    if (is_row_of_seed(task, 3)) std::_Exit(1);
    return run(experiment, task);
  });

  ASSERT_FALSE(first);
  EXPECT_THAT(first.error().message, HasSubstr("2 of 6 runs could not be made"));
  EXPECT_THAT(content_of("results.csv"), HasSubstr("Q0,udp,1,1.000000"));
  EXPECT_THAT(content_of("runs.jsonl"), Not(HasSubstr("no network")));

  const auto second = compare(run);

  EXPECT_TRUE(second);
  EXPECT_THAT(content_of("results.csv"), HasSubstr("Q0,udp,3,1.000000"));
}

}  // namespace
}  // namespace mayfly
