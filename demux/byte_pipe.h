#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>

#include "core/bytes.h"
#include "core/timer.h"

namespace mayfly {

// Bytes from the loop, where they arrive, to a thread that makes frames of them. The loop never
// waits: it asks is_full() and then leaves what comes where it is until on_room. The thread waits
// for bytes, the end, or cancel().
class BytePipe {
 public:
  // Full at `most_bytes`; what is written to a pipe that is not full may go beyond by itself.
  // `loop` must outlive the pipe, and may run what was posted after the pipe is gone.
  BytePipe(size_t most_bytes, Executor& loop);
  BytePipe(const BytePipe&) = delete;
  BytePipe& operator=(const BytePipe&) = delete;

  // For the loop.
  void write(Bytes bytes);
  [[nodiscard]] bool is_full() const;
  // Called from the loop when a pipe that was full has drained to half; also of a pipe that is gone
  // by then, from whichever thread, until it is taken back with nullptr.
  void set_on_room(std::function<void()> on_room);
  // Nothing more will be written; what was is read all the same.
  void end();

  // For the reading thread: at least one byte, or 0 at the end and once cancelled.
  [[nodiscard]] size_t read(std::span<std::byte> into);

  // From any thread: read() gives 0 from now on, also one that waits.
  void cancel();
  [[nodiscard]] bool is_cancelled() const;

 private:
  void take_front(size_t count);

  const size_t most_bytes_;
  Executor& loop_;
  // Shared with what is posted, which may outlive the pipe.
  std::shared_ptr<std::function<void()>> on_room_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Bytes> written_;
  size_t front_taken_ = 0;  // bytes of written_.front()
  size_t bytes_ = 0;
  bool was_full_ = false;
  bool ended_ = false;
  bool cancelled_ = false;
};

}  // namespace mayfly
