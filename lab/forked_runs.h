#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>

#include "core/result.h"

namespace mayfly {

// Does pieces of work in processes of their own, so many at once: each finds the process as it was,
// has the stack to itself, and takes nobody with it when it breaks. The caller must have no other
// threads.
class ForkedRuns {
 public:
  // Runs in the child; what it returns is handed to `done` in the parent, in the order in which
  // work is finished. Where the child broke there is an error that says how.
  using Work = std::function<Result<std::string>(size_t index)>;
  // An error from it ends everything.
  using Done = std::function<Result<void>(size_t index, Result<std::string> output)>;

  explicit ForkedRuns(size_t at_once) : at_once_(at_once) {}

  // The pieces 0 to `count`. Whoever sets `stop` (a signal handler does) has the running children
  // ended and nothing more begun; what was done is done. Fails where no process can be made.
  [[nodiscard]] Result<void> run(size_t count, const Work& work, const Done& done,
                                 const std::atomic<bool>& stop) const;

 private:
  size_t at_once_;
};

}  // namespace mayfly
