#include "lab/journal.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/lab/traces.h"

namespace mayfly {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() { std::filesystem::remove(path_); }
  ~JournalTest() override { std::filesystem::remove(path_); }

  [[nodiscard]] RunRecord record(uint32_t seed) const {
    RunRecord made = record_for(experiment_, {0, std::nullopt, seed});
    made.outcome = Bounds{0.1, 0.2, 0.3, 0.4};
    return made;
  }

  const std::string path_ = std::filesystem::temp_directory_path() /
                            ("mayfly-journal-" + std::to_string(getpid()) + ".jsonl");
  const Experiment experiment_{trace_of(street_shape(20)), quick_cells(), known_rows(), 3};
};

TEST_F(JournalTest, HasWhatWasAppendedWhenItIsOpenedAgain) {
  {
    auto journal = Journal::open(path_, experiment_.clip);
    ASSERT_TRUE(journal);
    EXPECT_THAT(journal->found(), IsEmpty());
    ASSERT_TRUE(journal->append(record(1)));
    ASSERT_TRUE(journal->append(record(2)));
  }
  auto again = Journal::open(path_, experiment_.clip);
  ASSERT_TRUE(again);
  EXPECT_THAT(again->found(), ElementsAre(record(1), record(2)));
}

TEST_F(JournalTest, ForgetsALineThatWasCutShortAndGoesOnAfterTheLastWholeOne) {
  {
    auto journal = Journal::open(path_, experiment_.clip);
    ASSERT_TRUE(journal);
    ASSERT_TRUE(journal->append(record(1)));
  }
  std::ofstream(path_, std::ios::app) << to_line(record(2)).substr(0, 40);
  {
    auto journal = Journal::open(path_, experiment_.clip);
    ASSERT_TRUE(journal);
    EXPECT_THAT(journal->found(), ElementsAre(record(1)));
    ASSERT_TRUE(journal->append(record(3)));
  }
  auto again = Journal::open(path_, experiment_.clip);
  ASSERT_TRUE(again);
  EXPECT_THAT(again->found(), ElementsAre(record(1), record(3)));
}

// No file may grow beyond a size.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : on_excess_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    (void)signal(SIGXFSZ, on_excess_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*on_excess_)(int);
  rlimit before_{};
};

TEST_F(JournalTest, LosesNothingWhereNothingCanBeWritten) {
  {
    auto journal = Journal::open(path_, experiment_.clip);
    ASSERT_TRUE(journal);
    ASSERT_TRUE(journal->append(record(1)));
    ASSERT_TRUE(journal->append(record(2)));
  }
  {
    const FileSizeLimit limit(10);
    auto journal = Journal::open(path_, experiment_.clip);
    EXPECT_FALSE(journal && journal->append(record(3)));
  }
  auto again = Journal::open(path_, experiment_.clip);
  ASSERT_TRUE(again);
  EXPECT_THAT(again->found(), ElementsAre(record(1), record(2)));
}

TEST_F(JournalTest, RefusesRunsOfAnotherClip) {
  { ASSERT_TRUE(Journal::open(path_, experiment_.clip)); }
  const auto other = Journal::open(path_, trace_of(street_shape(21)));

  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("has runs of another clip, length or version"));
  ASSERT_TRUE(Journal::open(path_, experiment_.clip)) << "the refusal harmed it";
}

TEST_F(JournalTest, SaysWhereAFileIsBroken) {
  { ASSERT_TRUE(Journal::open(path_, experiment_.clip)); }
  std::ofstream(path_, std::ios::app) << "nonsense\n";
  const auto broken = Journal::open(path_, experiment_.clip);

  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr(path_ + ", line 2: "));
}

TEST_F(JournalTest, SaysThatItCannotBeWritten) {
  const auto journal = Journal::open("/proc/none/runs.jsonl", experiment_.clip);
  ASSERT_FALSE(journal);
  EXPECT_THAT(journal.error().message, HasSubstr("/proc/none/runs.jsonl"));
}

}  // namespace
}  // namespace mayfly
