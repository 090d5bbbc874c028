#include "core/clock.h"

namespace mayfly {

Timestamp SteadyClock::now() const {
  return Timestamp(
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

}  // namespace mayfly
