#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

#include "core/timer.h"
#include "demux/disposal.h"
#include "server/session.h"

namespace mayfly {

// Opens media on threads of their own: looking into a file may take as long as its disk takes, and
// a live input that says nothing for ever. What is opened reads ahead, and ends without holding up
// the loop either.
class OpeningThreads {
 public:
  // Blocks. Fails with Closed soon after a stop is requested.
  using Work = std::function<Result<std::unique_ptr<MediaSource>>(const std::stop_token&)>;

  // So many at once; who comes on top of them is refused with Exhausted. `loop` must outlive this
  // and whatever was opened.
  explicit OpeningThreads(Executor& loop, size_t most = 64);
  // Stops those under way and waits for them; their answers are not given any more.
  ~OpeningThreads();
  OpeningThreads(const OpeningThreads&) = delete;
  OpeningThreads& operator=(const OpeningThreads&) = delete;

  // `done` is called from the loop. A stop requested by `unwanted` ends the work early.
  void open(Work work, std::stop_token unwanted, MediaOpening done);

 private:
  struct Opening {
    std::shared_ptr<std::atomic<bool>> is_over;
    std::jthread thread;
  };

  void start(Work work, std::stop_token unwanted, const MediaOpening& done);
  void answer(Result<std::unique_ptr<MediaSource>> opened, const std::stop_token& unwanted,
              const MediaOpening& done);

  Executor& loop_;
  const size_t most_;
  std::shared_ptr<Disposal> disposal_;
  std::shared_ptr<bool> alive_;
  std::vector<Opening> threads_;  // joined first, as declared last
};

}  // namespace mayfly
