#include "demux/read_ahead_source.h"

#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <variant>

#include "demux/synthetic_source.h"

namespace mayfly {
namespace {

// The loop of a test: runs what was posted, on the test's thread, and waits for it.
class WaitingExecutor final : public Executor {
 public:
  void post(std::function<void()> work) override {
    const std::scoped_lock lock(mutex_);
    work_.push_back(std::move(work));
    posted_.notify_all();
  }
  void run_one() {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(posted_.wait_for(lock, 20s, [this] { return !work_.empty(); }));
    const auto work = std::move(work_.front());
    work_.pop_front();
    lock.unlock();
    work();
  }

 private:
  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<std::function<void()>> work_;
};

// Blocks in next() until cancelled, like a disk that sleeps.
class SleepingSource final : public MediaSource {
 public:
  [[nodiscard]] const std::vector<Track>& tracks() const override { return tracks_; }
  [[nodiscard]] std::optional<Duration> duration() const override { return 1s; }
  [[nodiscard]] Result<Reading> next() override {
    cancelled_.wait(false);
    return failure(ErrorCode::Closed, "closed");
  }
  [[nodiscard]] Result<void> seek(MediaTime /*position*/) override {
    return failure(ErrorCode::Io, "the disk is gone");
  }
  void cancel() override {
    cancelled_ = true;
    cancelled_.notify_all();
  }

 private:
  std::vector<Track> tracks_{Track{}};
  std::atomic<bool> cancelled_ = false;
};

// A disk that cannot be woken: cancel() is of no use.
class HungSource final : public MediaSource {
 public:
  struct Disk {
    std::atomic<bool> wakes = false;
    std::atomic<bool> is_closed = false;
  };
  explicit HungSource(Disk& disk) : disk_(disk) {}
  ~HungSource() override { disk_.is_closed = true; }
  [[nodiscard]] const std::vector<Track>& tracks() const override { return tracks_; }
  [[nodiscard]] std::optional<Duration> duration() const override { return 1s; }
  [[nodiscard]] Result<Reading> next() override {
    disk_.wakes.wait(false);
    return EndOfMedia{};
  }
  [[nodiscard]] Result<void> seek(MediaTime /*position*/) override { return {}; }

 private:
  Disk& disk_;
  std::vector<Track> tracks_{Track{}};
};

// The next reading that is not NotYet, letting the loop run meanwhile.
Result<Reading> await(ReadAheadSource& source, WaitingExecutor& loop) {
  for (;;) {
    auto reading = source.next();
    if (!reading || !std::holds_alternative<NotYet>(*reading)) return reading;
    loop.run_one();
  }
}

TEST(ReadAheadSourceTest, GivesTheSameFramesThroughAQueueOfAnySize) {
  for (const size_t most_frames : {1U, 3U, 1000U}) {
    WaitingExecutor loop;
    ReadAheadSource source(std::make_unique<SyntheticSource>(SyntheticShape{.pictures = 40}), loop,
                           {.most_frames = most_frames});
    source.set_on_ready([] {});

    for (uint32_t number = 0; number < 40; ++number) {
      auto reading = await(source, loop);
      ASSERT_TRUE(reading);
      ASSERT_TRUE(std::holds_alternative<Frame>(*reading));
      EXPECT_EQ(std::get<Frame>(*reading).number, FrameNumber(number));
    }
    EXPECT_TRUE(std::holds_alternative<EndOfMedia>(*await(source, loop)));
    EXPECT_TRUE(std::holds_alternative<EndOfMedia>(*source.next()));
  }
}

TEST(ReadAheadSourceTest, SeeksAlsoFromTheEndAndGivesNothingOfBefore) {
  WaitingExecutor loop;
  ReadAheadSource source(std::make_unique<SyntheticSource>(SyntheticShape{
                             .frame_rate = {10, 1}, .pattern = "IPP", .pictures = 30}),
                         loop, {.most_frames = 4});
  source.set_on_ready([] {});

  for (const Duration position : {1'000ms, 2'950ms, 0ms}) {
    ASSERT_TRUE(source.seek(MediaTime(position)));
    auto reading = await(source, loop);
    ASSERT_TRUE(reading);
    const Frame& frame = std::get<Frame>(*reading);
    EXPECT_EQ(frame.number, FrameNumber(0));
    EXPECT_TRUE(frame.keyframe);
    EXPECT_LE(frame.pts, MediaTime(position));
    EXPECT_GT(frame.pts, MediaTime(position - 300ms));
    while (!std::holds_alternative<EndOfMedia>(*reading)) reading = await(source, loop);
  }
}

TEST(ReadAheadSourceTest, TellsTheErrorOfASeekInPlaceOfTheLandingFrame) {
  WaitingExecutor loop;
  auto inner = std::make_unique<SleepingSource>();
  inner->cancel();
  ReadAheadSource source(std::move(inner), loop, {});
  source.set_on_ready([] {});

  ASSERT_TRUE(source.seek(MediaTime(1s)));

  const auto reading = await(source, loop);
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().message, "the disk is gone");
}

TEST(ReadAheadSourceTest, CanBeDestroyedWhileTheInnerSourceSleeps) {
  WaitingExecutor loop;
  {
    ReadAheadSource source(std::make_unique<SleepingSource>(), loop, {});
    const auto reading = source.next();
    EXPECT_TRUE(std::holds_alternative<NotYet>(*reading));
  }
}

TEST(ReadAheadSourceTest, CanBeDestroyedByItsOwnCallback) {
  WaitingExecutor loop;
  auto source = std::make_unique<ReadAheadSource>(
      std::make_unique<SyntheticSource>(SyntheticShape{.pictures = 100'000}), loop,
      ReadAheadOptions{.most_frames = 2});
  source->set_on_ready([&source] { source.reset(); });

  while (source) {
    const auto reading = source->next();
    ASSERT_TRUE(reading);
    if (std::holds_alternative<NotYet>(*reading)) loop.run_one();
  }
}

// If it waited for the disk, this would never end.
TEST(ReadAheadSourceTest, WithADisposalNobodyWaitsForADiskThatHangs) {
  HungSource::Disk disk;
  {
    WaitingExecutor loop;
    const auto disposal = std::make_shared<Disposal>();
    {
      ReadAheadSource source(std::make_unique<HungSource>(disk), loop, {.disposal = disposal});
      auto reading = source.next();
      ASSERT_TRUE(reading && std::holds_alternative<NotYet>(*reading));
    }
    disk.wakes = true;
    disk.wakes.notify_all();
  }  // the disposal waits
  EXPECT_TRUE(disk.is_closed);
}

}  // namespace
}  // namespace mayfly
