#include "demux/damage_tally.h"

#include <fmt/format.h>

namespace mayfly {
namespace {

constexpr Duration kSamePlace = 500ms;

}  // namespace

void DamageTally::note(Duration at, std::string_view why) {
  if (places_ == 0) {
    first_ = at;
    why_ = why;
  }
  if (places_ == 0 || at > last_ + kSamePlace) ++places_;
  last_ = std::max(last_, at);
}

std::optional<std::string> DamageTally::text() const {
  if (places_ == 0) return std::nullopt;
  std::string told = fmt::format("{:.2f} s ({})", to_seconds(first_), why_);
  if (places_ > 1) {
    told += fmt::format(", and at {} more {}, the last after {:.2f} s", places_ - 1,
                        places_ == 2 ? "place" : "places", to_seconds(last_));
  }
  return told;
}

}  // namespace mayfly
