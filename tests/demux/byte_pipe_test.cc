#include "demux/byte_pipe.h"

#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <thread>

namespace mayfly {
namespace {

// The loop of a test: runs what was posted when it is told to.
class HeldExecutor final : public Executor {
 public:
  void post(std::function<void()> work) override {
    const std::scoped_lock lock(mutex_);
    work_.push_back(std::move(work));
  }
  size_t run() {
    std::unique_lock lock(mutex_);
    const auto work = std::exchange(work_, {});
    lock.unlock();
    for (const auto& each : work) each();
    return work.size();
  }

 private:
  std::mutex mutex_;
  std::vector<std::function<void()>> work_;
};

Bytes bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

std::string read_all(BytePipe& pipe, size_t step) {
  std::string text;
  std::vector<std::byte> buffer(step);
  while (const size_t count = pipe.read(buffer)) {
    text += as_text(ByteView(buffer).first(count));
  }
  return text;
}

TEST(BytePipeTest, GivesWhatWasWrittenInOrderHoweverItIsCut) {
  for (const size_t step : {size_t{1}, size_t{3}, size_t{100}}) {
    HeldExecutor loop;
    BytePipe pipe(1000, loop);
    pipe.write(bytes_of("may"));
    pipe.write({});
    pipe.write(bytes_of("fly"));
    pipe.end();
    pipe.write(bytes_of("never"));  // after the end

    EXPECT_EQ(read_all(pipe, step), "mayfly");
  }
}

TEST(BytePipeTest, IsFullAtItsBoundAndTellsOfRoomOnceItIsHalfEmpty) {
  HeldExecutor loop;
  BytePipe pipe(10, loop);
  int told = 0;
  pipe.set_on_room([&] { ++told; });
  pipe.write(bytes_of("123456789"));
  EXPECT_FALSE(pipe.is_full());
  pipe.write(bytes_of("0abc"));
  EXPECT_TRUE(pipe.is_full());

  std::array<std::byte, 7> seven{};
  EXPECT_EQ(pipe.read(seven), 7U);  // six are left
  EXPECT_TRUE(pipe.is_full());
  EXPECT_EQ(loop.run(), 0U);
  std::array<std::byte, 1> one{};
  EXPECT_EQ(pipe.read(one), 1U);
  EXPECT_FALSE(pipe.is_full());
  EXPECT_EQ(loop.run(), 1U);
  EXPECT_EQ(told, 1);

  EXPECT_EQ(pipe.read(seven), 1U);  // up to the end of what was written at once
  EXPECT_EQ(pipe.read(seven), 4U);
  EXPECT_EQ(loop.run(), 0U);
}

TEST(BytePipeTest, AReaderWaitsForBytesForTheEndAndForACancellation) {
  HeldExecutor loop;
  BytePipe pipe(10, loop);
  std::string text;
  std::jthread reader([&] { text = read_all(pipe, 4); });
  pipe.write(bytes_of("late"));
  pipe.end();
  reader.join();
  EXPECT_EQ(text, "late");

  BytePipe other(10, loop);
  std::atomic<size_t> got = 1;
  std::jthread waiting([&] {
    std::array<std::byte, 4> into{};
    got = other.read(into);
  });
  other.cancel();
  waiting.join();
  EXPECT_EQ(got, 0U);
  EXPECT_TRUE(other.is_cancelled());
  other.write(bytes_of("x"));
  std::array<std::byte, 4> into{};
  EXPECT_EQ(other.read(into), 0U);
}

TEST(BytePipeTest, WhatWasPostedMayRunAfterThePipeIsGone) {
  for (const bool taken_back : {false, true}) {
    HeldExecutor loop;
    int told = 0;
    auto pipe = std::make_unique<BytePipe>(1, loop);
    pipe->set_on_room([&] { ++told; });
    pipe->write(bytes_of("x"));
    std::array<std::byte, 1> into{};
    EXPECT_EQ(pipe->read(into), 1U);
    if (taken_back) pipe->set_on_room(nullptr);
    // The reading thread lets go last, and may not touch what is the loop's.
    std::jthread([&] { pipe.reset(); }).join();

    EXPECT_EQ(loop.run(), 1U);
    EXPECT_EQ(told, taken_back ? 0 : 1);
  }
}

}  // namespace
}  // namespace mayfly
