#pragma once

#include <csignal>
#include <memory>
#include <optional>

#include "core/file_descriptor.h"
#include "core/result.h"

namespace mayfly {

// Holds back the signals by which a user, a shell or the kernel talks to a program that stands in
// front of another, so that they can be read one by one and passed on. SIGPIPE is held back too: a
// reader of messages that goes away ends nothing.
class BlockedSignals {
 public:
  struct Arrival {
    int number = 0;
    // By a key: the terminal has told every program in the foreground by itself.
    bool is_from_terminal = false;
  };

  [[nodiscard]] static Result<std::unique_ptr<BlockedSignals>> create();
  ~BlockedSignals();
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

  // Readable when a signal waits.
  [[nodiscard]] int descriptor() const { return descriptor_.get(); }
  [[nodiscard]] std::optional<Arrival> next();
  // What was blocked before; for programs that this one starts.
  [[nodiscard]] const sigset_t& mask_before() const { return before_; }

 private:
  BlockedSignals(FileDescriptor descriptor, const sigset_t& before)
      : descriptor_(std::move(descriptor)), before_(before) {}

  FileDescriptor descriptor_;
  sigset_t before_;
};

}  // namespace mayfly
