#pragma once

#include <functional>
#include <memory>

namespace mayfly {

// Tells when a descriptor can be read or written. The kernel's SCTP sockets hang on it; the
// runtime's event loop implements it.
class Reactor {
 public:
  // Ends the watch when destroyed. Does not close the descriptor.
  class Watch {
   public:
    virtual ~Watch() = default;
    // Whether on_writable is wanted. Off at the start: a socket is nearly always writable.
    virtual void want_writable(bool wanted) = 0;
  };

  virtual ~Reactor() = default;
  // Level-triggered, called from the loop. A callback may destroy its own watch.
  [[nodiscard]] virtual std::unique_ptr<Watch> watch(int descriptor,
                                                     std::function<void()> on_readable,
                                                     std::function<void()> on_writable) = 0;
};

}  // namespace mayfly
