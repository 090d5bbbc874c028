#pragma once

#include "core/units.h"

namespace mayfly {

// Tells the time. Only rims ask it: whatever decides is handed `now` as an argument, so that the
// same code runs on the wall's time and on a simulation's.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() const = 0;
};

// The operating system's monotonic clock.
class SteadyClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override;
};

}  // namespace mayfly
