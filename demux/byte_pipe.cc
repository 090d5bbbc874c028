#include "demux/byte_pipe.h"

#include <algorithm>
#include <utility>

namespace mayfly {

BytePipe::BytePipe(size_t most_bytes, Executor& loop)
    : most_bytes_(most_bytes), loop_(loop), on_room_(std::make_shared<std::function<void()>>()) {}

void BytePipe::write(Bytes bytes) {
  if (bytes.empty()) return;
  const std::scoped_lock lock(mutex_);
  if (ended_ || cancelled_) return;
  bytes_ += bytes.size();
  written_.push_back(std::move(bytes));
  was_full_ = was_full_ || bytes_ >= most_bytes_;
  changed_.notify_one();
}

bool BytePipe::is_full() const {
  const std::scoped_lock lock(mutex_);
  return was_full_;
}

void BytePipe::set_on_room(std::function<void()> on_room) { *on_room_ = std::move(on_room); }

void BytePipe::end() {
  const std::scoped_lock lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

size_t BytePipe::read(std::span<std::byte> into) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return bytes_ > 0 || ended_ || cancelled_; });
  if (bytes_ == 0 || cancelled_) return 0;
  const Bytes& front = written_.front();
  const size_t count = std::min(into.size(), front.size() - front_taken_);
  std::copy_n(front.begin() + static_cast<std::ptrdiff_t>(front_taken_), count, into.begin());
  take_front(count);
  return count;
}

void BytePipe::take_front(size_t count) {
  front_taken_ += count;
  bytes_ -= count;
  if (front_taken_ == written_.front().size()) {
    written_.pop_front();
    front_taken_ = 0;
  }
  if (!was_full_ || bytes_ > most_bytes_ / 2) return;
  was_full_ = false;
  loop_.post([on_room = on_room_] {
    // The callback may destroy the pipe, and with it the function it is.
    const std::function<void()> call = *on_room;
    if (call) call();
  });
}

void BytePipe::cancel() {
  const std::scoped_lock lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

bool BytePipe::is_cancelled() const {
  const std::scoped_lock lock(mutex_);
  return cancelled_;
}

}  // namespace mayfly
