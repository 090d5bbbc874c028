#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "transport/sctp/tx/rtt_estimator.h"
#include "transport/sctp/unwrapped_tsn.h"

namespace mayfly::sctp {

// One sending of one chunk.
struct Transmission {
  UnwrappedTsn tsn;
  uint64_t order = 0;  // grows with each transmission of the association
  Timestamp sent{};
};

// Tells by time which transmissions of one path are lost, in the manner of RACK (RFC 8985): one is
// lost when something sent later has arrived, and enough time has passed for the two to have
// changed places on the way. How much is enough follows from what was seen: nothing while the path
// keeps the order, else a quarter of the round trip and more with each loss that proved a mistake.
class LossDetector {
 public:
  void on_sent(const Transmission& transmission) { in_order_.push_back(transmission); }

  // Acknowledgements come in groups, a SACK each: every transmission newly acknowledged by it, and
  // then the end of the group.
  void on_acked(const Transmission& transmission, bool sent_once, const RttEstimator& rtt,
                Timestamp now);
  void on_acks_end(Timestamp now);
  // A chunk sent again was reported as a duplicate (RFC 8985 7.1, the DSACK rule).
  void on_spurious(const RttEstimator& rtt, Timestamp now);

  // The oldest transmission for which `is_current` holds; the others were acknowledged, sent again
  // or abandoned, and are forgotten.
  template <class IsCurrent>
  [[nodiscard]] const Transmission* oldest(const IsCurrent& is_current) {
    while (!in_order_.empty() && !is_current(in_order_.front())) in_order_.pop_front();
    return in_order_.empty() ? nullptr : &in_order_.front();
  }
  // When the transmission counts as lost because later ones have arrived; none as long as none
  // has. `chunks_beyond`: how many were acknowledged out of order.
  [[nodiscard]] std::optional<Timestamp> lost_at(const Transmission& transmission,
                                                 const RttEstimator& rtt, size_t chunks_beyond,
                                                 bool in_recovery) const;
  // What acknowledgements may be late by because packets change places.
  [[nodiscard]] Duration reordering_window(const RttEstimator& rtt, size_t chunks_beyond,
                                           bool in_recovery) const;
  // The part of the above that later ones cannot shorten; zero while the path keeps the order.
  [[nodiscard]] Duration reordering_seen(const RttEstimator& rtt) const;

 private:
  void note_lateness(Duration lateness, Timestamp now);

  std::deque<Transmission> in_order_;
  uint64_t newest_order_ = 0;  // of those that arrived: RACK.xmit_ts, RACK.end_seq
  Duration newest_rtt_{};      // RACK.rtt
  bool newest_was_sent_once_ = true;
  // Of those sent once alone, whose arrival cannot be mistaken; now and before this SACK.
  uint64_t newest_once_ = 0;
  uint64_t newest_once_before_ = 0;
  Duration newest_once_rtt_{};
  bool reordering_ = false;
  Timestamp reordered_at_{};  // the last sign of it
  uint32_t steps_ = 1;        // RACK.reo_wnd_mult
  std::optional<Timestamp> last_step_;
  // By how much acknowledgements were late, at most, in this window of time and in the one before.
  Duration lateness_{};
  Duration lateness_before_{};
  Timestamp lateness_since_{};
};

}  // namespace mayfly::sctp
