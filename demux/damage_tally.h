#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/units.h"

namespace mayfly {

// The damage met in reading a clip, for one sentence at its end. What is found close together is
// one place: a torn transport stream is told by its sync, its counters and its pictures.
class DamageTally {
 public:
  // `at` is the time in the clip up to which all was well; it may come out of order.
  void note(Duration at, std::string_view why);

  // None while there was none. "2.96 s (transport packets are missing), and at 2 more places, the
  // last after 7.12 s": what belongs behind "is damaged or cut off after".
  [[nodiscard]] std::optional<std::string> text() const;

 private:
  Duration first_{};
  Duration last_{};
  std::string why_;  // of the first
  size_t places_ = 0;
};

}  // namespace mayfly
