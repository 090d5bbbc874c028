#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>

#include "transport/sctp/tx/ack_spacing.h"
#include "transport/sctp/tx/congestion_control.h"
#include "transport/sctp/tx/loss_detector.h"
#include "transport/sctp/tx/pacer.h"
#include "transport/sctp/tx/rtt_estimator.h"

namespace mayfly::sctp {

// What the sender knows of one path: its round trip, window and losses. Chunks are told apart by
// the sender; here are the sums and the clocks.
//
// The wait for an acknowledgement has three stages. Something sent later arrived: the chunk is lost
// when the reordering window has passed (LossDetector). Nothing arrived: up to kMaxProbes times, a
// round trip and a little after it was sent, what is missed is simply sent again, since on a lossy
// path that is what it needs (the tail-loss probe of RFC 8985 7, made to repeat linearly as RFC
// 8961 allows for few packets). Only when that does not help either, the path is taken for
// congested or dead: T3-rtx (RFC 9260 6.3.3), with its backoff, the collapse of the window, and an
// error counted.
class SendPath {
 public:
  static constexpr uint32_t kMaxProbes = 3;

  SendPath(const RttOptions& rtt, std::unique_ptr<CongestionControl> congestion, size_t mtu_bytes,
           size_t burst_packets);

  RttEstimator rtt;
  LossDetector loss;
  AckSpacing spacing;

  [[nodiscard]] CongestionControl& congestion() { return *congestion_; }
  [[nodiscard]] const CongestionControl& congestion() const { return *congestion_; }

  // Whether a chunk may go with so much in flight; RFC 9260 6.1 B lets the last one reach beyond
  // the window. Chunks sent again may also replace what has just left the network while the window
  // is being reduced (packet conservation, RFC 6937).
  [[nodiscard]] bool has_room(size_t flight) const { return flight < congestion_->window(); }
  [[nodiscard]] bool has_room_again(size_t flight) const {
    return has_room(flight) || credit_bytes_ > 0;
  }
  void on_chunk_sent(size_t bytes, bool again, size_t flight_before, Timestamp now);
  void on_packet_sent(size_t bytes, Timestamp now) { pacer_.on_sent(bytes, now); }
  [[nodiscard]] Timestamp next_send() const { return pacer_.next_send(); }

  // A SACK acknowledged `bytes` of this path that were not before, and so the path works.
  void on_acked(size_t bytes, size_t flight_before, Timestamp now);
  // The cumulative acknowledgement moved here: recovery may be over.
  void on_cumulative(UnwrappedTsn cumulative);
  // `tsn` is lost; everything below `next` was sent before that was known.
  void on_lost(UnwrappedTsn tsn, UnwrappedTsn next, Timestamp now);
  // A chunk that was sent again had arrived the first time. One that had been overtaken tells that
  // packets change places here; one that was merely missed may have lost its acknowledgement (RFC
  // 8985 7.1 leaves out probes likewise).
  void on_spurious(UnwrappedTsn tsn, bool overtaken, Timestamp now);
  // The oldest in flight was missed: by a probe, or with a timeout. The answer is whether it was
  // the latter. Everything below `next` has been sent.
  bool on_missed(UnwrappedTsn next, Timestamp now);

  [[nodiscard]] bool in_recovery() const { return recovery_until_.has_value(); }
  // How long after it was sent a chunk is missed when nothing arrives.
  [[nodiscard]] Duration patience() const;
  // When the oldest chunk in flight, sent then, is missed: not while the acknowledgements of its
  // burst keep coming.
  [[nodiscard]] Timestamp missed_at(Timestamp sent) const;
  // Of a heartbeat or a FORWARD TSN, with the backoff of this path.
  [[nodiscard]] Duration retransmission_timeout() const;
  [[nodiscard]] uint32_t backoff() const { return backoff_; }

 private:
  void begin_recovery(UnwrappedTsn until);
  void update_pacing();

  std::unique_ptr<CongestionControl> congestion_;
  Pacer pacer_;
  size_t mtu_bytes_;
  Duration rto_max_;
  size_t credit_bytes_ = 0;
  std::optional<UnwrappedTsn> recovery_until_;
  // Lost in this recovery, or the last, and not shown to be a mistake.
  std::set<UnwrappedTsn> lost_in_recovery_;
  uint32_t probes_ = 0;   // since something arrived
  uint32_t backoff_ = 0;  // timeouts since something arrived
  Timestamp last_sent_{};
};

}  // namespace mayfly::sctp
