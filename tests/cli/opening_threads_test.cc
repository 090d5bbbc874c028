#include "cli/opening_threads.h"

#include <gmock/gmock.h>

#include <mutex>

#include "demux/synthetic_source.h"
#include "runtime/event_loop.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;
using Opened = Result<std::unique_ptr<MediaSource>>;

// A disk that sleeps until nobody waits for it any more.
Opened sleep_until_stopped(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait(lock, stop, [] { return false; });
  return failure(ErrorCode::Closed, "closed");
}

class OpeningThreadsTest : public ::testing::Test {
 protected:
  MediaOpening note() {
    return [this](Opened opened) { answers_.push_back(std::move(opened)); };
  }
  [[nodiscard]] bool answered(size_t count) {
    return loop_.run_until([this, count] { return answers_.size() >= count; }, 20s);
  }

  EventLoop loop_;
  std::vector<Opened> answers_;
};

TEST_F(OpeningThreadsTest, WhatIsOpenedReadsAhead) {
  OpeningThreads threads(loop_);
  threads.open(
      [](const std::stop_token&) -> Opened {
        return std::make_unique<SyntheticSource>(SyntheticShape{.pictures = 10});
      },
      {}, note());
  ASSERT_TRUE(answered(1));

  ASSERT_TRUE(answers_[0]);
  MediaSource& source = **answers_[0];
  size_t frames = 0;
  bool ready = true;
  source.set_on_ready([&] { ready = true; });
  while (loop_.run_until([&] { return ready; }, 20s)) {
    const auto reading = source.next();
    ASSERT_TRUE(reading);
    if (std::holds_alternative<EndOfMedia>(*reading)) break;
    ready = !std::holds_alternative<NotYet>(*reading);
    if (ready) ++frames;
  }
  EXPECT_EQ(frames, 10U);
}

TEST_F(OpeningThreadsTest, WhatNobodyWantsAnyMoreEnds) {
  OpeningThreads threads(loop_);
  std::stop_source unwanted;
  threads.open(sleep_until_stopped, unwanted.get_token(), note());

  unwanted.request_stop();
  ASSERT_TRUE(answered(1));

  EXPECT_EQ(answers_[0].error().code, ErrorCode::Closed);
}

TEST_F(OpeningThreadsTest, SomeAreOpenedAtATimeAndTheNextIsRefused) {
  std::stop_source unwanted;
  {
    OpeningThreads threads(loop_, 2);
    threads.open(sleep_until_stopped, {}, note());
    threads.open(sleep_until_stopped, unwanted.get_token(), note());
    threads.open(sleep_until_stopped, {}, note());
    ASSERT_TRUE(answered(1));
    EXPECT_EQ(answers_[0].error().code, ErrorCode::Exhausted);
    EXPECT_THAT(answers_[0].error().message, HasSubstr("2 clips are being opened"));

    unwanted.request_stop();
    ASSERT_TRUE(answered(2));
    EXPECT_EQ(answers_[1].error().code, ErrorCode::Closed);
  }  // the first is stopped and waited for, and answers nobody
  EXPECT_FALSE(loop_.run_until([this] { return answers_.size() > 2; }, 10ms));
}

}  // namespace
}  // namespace mayfly
