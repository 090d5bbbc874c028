#pragma once

#include <functional>
#include <memory>

#include "core/units.h"

namespace mayfly {

// Fires once, `after` a start. Starting a running timer moves it; stopping or destroying it means
// it never fires. The callback may start, stop or destroy the timer.
class Timer {
 public:
  virtual ~Timer() = default;
  virtual void start(Duration after) = 0;
  virtual void stop() = 0;
  [[nodiscard]] virtual bool is_running() const = 0;
};

class TimerFactory {
 public:
  virtual ~TimerFactory() = default;
  // `on_expired` is called from the loop, never from inside start().
  [[nodiscard]] virtual std::unique_ptr<Timer> create(std::function<void()> on_expired) = 0;
};

// Runs work on the loop's thread, later. The one door through which other threads hand in values.
class Executor {
 public:
  virtual ~Executor() = default;
  // May be called from any thread. Never runs `work` before returning.
  virtual void post(std::function<void()> work) = 0;
};

}  // namespace mayfly
