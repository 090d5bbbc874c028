#pragma once

#include <cstddef>
#include <deque>
#include <unordered_set>

#include "core/units.h"
#include "transport/sctp/packet/types.h"

namespace mayfly::sctp {

// Our tags of associations that are over, for as long as their cookies are good. Whoever remembers
// nothing of a handshake makes an association of any good cookie (RFC 9260 5.1.5); a COOKIE ECHO
// that was repeated, or held up on the way, must not make one again of which the peer knows
// nothing.
class SpentTags {
 public:
  // Beyond that the oldest are forgotten.
  static constexpr size_t kMost = 16'384;

  explicit SpentTags(Duration cookie_lifespan) : lifespan_(cookie_lifespan) {}

  // The association that had it has ended; time never goes back.
  void add(VerificationTag tag, Timestamp now);
  [[nodiscard]] bool contains(VerificationTag tag) const { return tags_.contains(tag.value()); }
  [[nodiscard]] size_t size() const { return by_age_.size(); }

 private:
  struct Spent {
    VerificationTag tag;
    Timestamp until{};
  };

  Duration lifespan_;
  std::deque<Spent> by_age_;
  std::unordered_set<uint32_t> tags_;
};

}  // namespace mayfly::sctp
