#include "cli/log_sink.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <spdlog/logger.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "cli/output.h"
#include "core/check.h"

namespace mayfly {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Standard error as a small pipe, as long as it lives.
class ErrorPipe {
 public:
  ErrorPipe() : earlier_(dup(STDERR_FILENO)) {
    MAYFLY_CHECK(earlier_ >= 0 && pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    // The writing end waits, as that of a shell does.
    MAYFLY_CHECK(fcntl(ends_[1], F_SETFL, 0) == 0 && fcntl(ends_[1], F_SETPIPE_SZ, 16384) >= 0);
    dup2(ends_[1], STDERR_FILENO);
  }
  ErrorPipe(const ErrorPipe&) = delete;
  ErrorPipe& operator=(const ErrorPipe&) = delete;
  ~ErrorPipe() {
    dup2(earlier_, STDERR_FILENO);
    for (const int each : {earlier_, ends_[0], ends_[1]}) close(each);
  }
  std::string read_all() const {
    std::string text(1 << 16, ' ');
    const ssize_t size = read(ends_[0], text.data(), text.size());
    text.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return text;
  }

 private:
  int earlier_;
  std::array<int, 2> ends_{};
};

TEST(LogSinkTest, LeavesOutWhatNobodyReadsAndSaysHowMuch) {
  const ErrorPipe pipe;
  spdlog::logger log("mayfly", std::make_shared<LogSink>());
  log.set_pattern("%v");

  log.info("first");
  for (int i = 0; i < 100; ++i) log.info(std::string(1000, 'x'));
  const std::string first = pipe.read_all();
  log.info("last");
  const std::string rest = pipe.read_all();

  EXPECT_THAT(first, HasSubstr("first\n"));
  const auto told = std::count(first.begin(), first.end(), '\n') - 1;
  EXPECT_GE(told, 1);
  EXPECT_EQ(rest,
            "left out lines=" + std::to_string(100 - told) + " because nobody read them\nlast\n");
}

TEST(LogSinkTest, ATableThatNobodyReadsIsCutOff) {
  const ErrorPipe pipe;

  write_to_stderr(std::string(100'000, 't'));
  const std::string begun = pipe.read_all();
  write_to_stderr("more\n");

  EXPECT_THAT(begun, AllOf(HasSubstr("ttt"), Not(HasSubstr("more"))));
  EXPECT_EQ(pipe.read_all(), "more\n");
}

}  // namespace
}  // namespace mayfly
