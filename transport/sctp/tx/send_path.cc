#include "transport/sctp/tx/send_path.h"

#include <algorithm>
#include <utility>

namespace mayfly::sctp {
namespace {

// Windows from here on bind nobody, and need no pacing.
constexpr size_t kBoundlessWindow = size_t{1} << 40;
constexpr uint32_t kMaxBackoff = 16;
constexpr int64_t kMaxFading = 32;

}  // namespace

SendPath::SendPath(const RttOptions& rtt_options, std::unique_ptr<CongestionControl> congestion,
                   size_t mtu_bytes, size_t burst_packets)
    : rtt(rtt_options),
      congestion_(std::move(congestion)),
      pacer_(burst_packets * mtu_bytes),
      mtu_bytes_(mtu_bytes),
      rto_max_(rtt_options.rto_max) {}

void SendPath::on_chunk_sent(size_t bytes, bool again, size_t flight_before, Timestamp now) {
  if (again && !has_room(flight_before)) credit_bytes_ -= std::min(credit_bytes_, bytes);
  if (flight_before == 0 && last_sent_ != Timestamp{}) {
    // RFC 9260 7.2.1: the window of an idle path fades, once for each RTO; after so many it is as
    // small as that makes it.
    int64_t faded = (now - last_sent_) / rtt.retransmission_timeout();
    for (faded = std::min(faded, kMaxFading); faded > 0; --faded) congestion_->on_idle();
  }
  last_sent_ = now;
}

void SendPath::on_acked(size_t bytes, size_t flight_before, Timestamp now) {
  probes_ = 0;
  backoff_ = 0;
  // RFC 6937: each byte that left the network makes room for one that is sent again.
  credit_bytes_ = in_recovery() ? std::min(credit_bytes_ + bytes, flight_before) : 0;
  congestion_->on_ack({.now = now,
                       .bytes = bytes,
                       .flight_before = flight_before,
                       .in_recovery = in_recovery(),
                       .smoothed_rtt = rtt.smoothed()});
  update_pacing();
}

void SendPath::on_cumulative(UnwrappedTsn cumulative) {
  if (recovery_until_ && cumulative >= *recovery_until_) {
    recovery_until_.reset();
    credit_bytes_ = 0;
  }
}

void SendPath::begin_recovery(UnwrappedTsn until) {
  recovery_until_ = until;
  lost_in_recovery_.clear();
  congestion_->remember();
  credit_bytes_ = mtu_bytes_;  // the first chunk goes at once
}

void SendPath::on_lost(UnwrappedTsn tsn, UnwrappedTsn next, Timestamp now) {
  if (!recovery_until_) {
    // RFC 9260 7.2.4: one reduction for all that was under way.
    begin_recovery(std::max(tsn, next - 1));
    congestion_->on_loss(now);
    update_pacing();
  }
  lost_in_recovery_.insert(tsn);
}

void SendPath::on_spurious(UnwrappedTsn tsn, bool overtaken, Timestamp now) {
  if (overtaken) loss.on_spurious(rtt, now);
  if (lost_in_recovery_.erase(tsn) == 0 || !lost_in_recovery_.empty()) return;
  // All of it was a mistake (RFC 9438 4.9, RFC 4015).
  congestion_->on_spurious_loss();
  recovery_until_.reset();
  update_pacing();
}

bool SendPath::on_missed(UnwrappedTsn next, Timestamp now) {
  if (probes_ < kMaxProbes) {
    ++probes_;
    // The first counts as a loss when its chunk is marked. Each further one, nothing having
    // arrived, weighs as much again.
    if (probes_ > 1) {
      if (!recovery_until_) begin_recovery(next - 1);
      congestion_->on_loss(now);
    }
    update_pacing();
    return false;
  }
  if (!recovery_until_) begin_recovery(next - 1);
  backoff_ = std::min(backoff_ + 1, kMaxBackoff);
  congestion_->on_timeout(now);
  credit_bytes_ = 0;
  update_pacing();
  return true;
}

Timestamp SendPath::missed_at(Timestamp sent) const {
  const Timestamp at = sent + patience();
  return probes_ < kMaxProbes ? std::max(at, spacing.expected_until()) : at;
}

Duration SendPath::patience() const {
  if (probes_ < kMaxProbes) return rtt.probe_timeout() + loss.reordering_seen(rtt);
  return retransmission_timeout();
}

Duration SendPath::retransmission_timeout() const {
  // RFC 9260 6.3.3 E2: doubled with each timeout in a row, up to RTO.max. Where the round trip is
  // longer than that, no wait is shorter than it.
  const Duration rto = std::max(rtt.retransmission_timeout(), rtt.probe_timeout());
  return std::min(rto * (int64_t{1} << backoff_), std::max(rto_max_, rto));
}

void SendPath::update_pacing() {
  const size_t window = congestion_->window();
  if (!rtt.has_sample() || window >= kBoundlessWindow) {
    pacer_.set_rate({});
    return;
  }
  // A window in somewhat less than a round trip, so that pacing never is what limits; twice as fast
  // while the window doubles each round trip.
  const double gain = congestion_->in_slow_start() ? 2.0 : 1.25;
  const double rate =
      gain * static_cast<double>(window) * 8 / std::max(to_seconds(rtt.smoothed()), 1e-4);
  pacer_.set_rate(DataRate::bits_per_second(static_cast<int64_t>(rate)));
}

}  // namespace mayfly::sctp
