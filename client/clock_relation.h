#pragma once

#include <deque>

#include "core/units.h"

namespace mayfly {

// One exchange with the server: asked at `sent`, arrived there at `received`, answered at
// `replied` and back at `returned`. The middle two are on the server's clock since its session
// began.
struct ClockSample {
  Timestamp sent{};
  Duration received{};
  Duration replied{};
  Timestamp returned{};
};

// Relates the server's clock to the player's as NTP does (RFC 5905 8): each exchange gives an
// offset that is wrong by at most half the time on the way, so the exchange with the shortest way
// is believed. Samples older than the window are dropped, because crystals drift apart by up to
// 100 us in a second: over the default window by 3 ms.
class ClockRelation {
 public:
  explicit ClockRelation(Duration window = 30s) : window_(window) {}

  // Takes one exchange. One that contradicts itself (answered before it arrived, or longer at the
  // server than away from here) is ignored. Whether the relation changed.
  bool add(const ClockSample& sample);

  [[nodiscard]] bool is_known() const { return !samples_.empty(); }
  // The moment on the player's clock at which the server's clock shows `server_time`. Only when
  // known.
  [[nodiscard]] Timestamp to_player(Duration server_time) const;
  // The time without the server's part, of the exchange that is believed. Zero when not known.
  [[nodiscard]] Duration round_trip() const;
  // From the server to the player; wrong by at most half the round trip, so it may be negative.
  [[nodiscard]] Duration one_way_delay(Duration sent_at, Timestamp arrival) const {
    return arrival - to_player(sent_at);
  }

 private:
  struct Estimate {
    Timestamp at{};
    Timestamp server_zero{};  // when the server's clock showed zero
    Duration round_trip{};
  };

  Duration window_;
  std::deque<Estimate> samples_;  // round trips rise from front to back: the front is believed
};

}  // namespace mayfly
