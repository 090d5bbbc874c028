#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

namespace mayfly {

// Destroys on a thread of its own what is slow to destroy, one thing after the other, so that
// whoever gives it away need not wait: a source whose disk sleeps ends when the disk wakes.
class Disposal {
 public:
  Disposal();
  // Waits until everything is gone.
  ~Disposal() = default;
  Disposal(const Disposal&) = delete;
  Disposal& operator=(const Disposal&) = delete;

  // The last reference, for it to be destroyed on that thread.
  void take(std::shared_ptr<void> thing);

 private:
  void run(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::shared_ptr<void>> things_;
  std::jthread thread_;  // last: ends before the rest goes
};

}  // namespace mayfly
