#include "demux/disposal.h"

#include <utility>

namespace mayfly {

Disposal::Disposal() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Disposal::take(std::shared_ptr<void> thing) {
  const std::scoped_lock lock(mutex_);
  things_.push_back(std::move(thing));
  changed_.notify_one();
}

void Disposal::run(const std::stop_token& stop) {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [this] { return !things_.empty(); });
    if (things_.empty()) return;  // asked to stop, and all is done
    std::shared_ptr<void> next = std::move(things_.front());
    things_.pop_front();
    lock.unlock();
    next.reset();
  }
}

}  // namespace mayfly
