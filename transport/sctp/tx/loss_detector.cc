#include "transport/sctp/tx/loss_detector.h"

#include <algorithm>

namespace mayfly::sctp {
namespace {

constexpr size_t kDuplicateThreshold = 3;  // RFC 9260 7.2.4
constexpr Duration kLatenessWindow = 10s;  // how long one late packet is remembered, at least
constexpr uint32_t kMaxSteps = 8;
// A path that has kept the order for so long keeps it. RFC 8985 6.2 step 4 counts 16 recoveries,
// which may take minutes on a good path and a second on a bad one.
constexpr Duration kReorderingMemory = 30s;
// What is a part of the time within which one burst is acknowledged.
constexpr int kPartOfBurst = 16;

}  // namespace

void LossDetector::on_acked(const Transmission& transmission, bool sent_once,
                            const RttEstimator& rtt, Timestamp now) {
  const Duration took = now - transmission.sent;
  // RFC 8985 6.2 step 2: sooner than the path allows, so it was an earlier transmission that
  // arrived.
  if (!sent_once && rtt.has_sample() && took < rtt.minimum()) return;
  // Step 3: a SACK before this one told of something sent later.
  if (sent_once && transmission.order < newest_once_before_) {
    note_lateness(took - newest_once_rtt_, now);
  }
  if (sent_once && transmission.order > newest_once_) {
    newest_once_ = transmission.order;
    newest_once_rtt_ = took;
  }
  if (transmission.order > newest_order_) {
    newest_order_ = transmission.order;
    newest_rtt_ = took;
    newest_was_sent_once_ = sent_once;
  }
}

void LossDetector::on_acks_end(Timestamp now) {
  newest_once_before_ = newest_once_;
  if (!reordering_ || now - reordered_at_ <= kReorderingMemory) return;
  reordering_ = false;
  steps_ = 1;
  lateness_ = lateness_before_ = Duration::zero();
}

void LossDetector::note_lateness(Duration lateness, Timestamp now) {
  reordering_ = true;
  reordered_at_ = now;
  if (now - lateness_since_ > kLatenessWindow) {
    lateness_before_ = lateness_;
    lateness_ = Duration::zero();
    lateness_since_ = now;
  }
  lateness_ = std::max(lateness_, lateness);
}

void LossDetector::on_spurious(const RttEstimator& rtt, Timestamp now) {
  // Once per round trip: one late packet makes several chunks look lost.
  if (last_step_ && now - *last_step_ < rtt.smoothed()) return;
  last_step_ = now;
  reordering_ = true;
  reordered_at_ = now;
  steps_ = std::min(steps_ + 1, kMaxSteps);
}

Duration LossDetector::reordering_seen(const RttEstimator& rtt) const {
  if (!reordering_ || !rtt.has_sample()) return Duration::zero();
  const Duration by_steps = rtt.minimum() / 4 * steps_;
  return std::min(std::max({by_steps, lateness_, lateness_before_}), rtt.smoothed());
}

Duration LossDetector::reordering_window(const RttEstimator& rtt, size_t chunks_beyond,
                                         bool in_recovery) const {
  if (reordering_) return reordering_seen(rtt);
  if (!rtt.has_sample()) return Duration::zero();
  // What arrived may be an earlier sending of a chunk that was sent again with a whole burst. The
  // burst is acknowledged in a moment, if so.
  if (!newest_was_sent_once_) return rtt.minimum() / kPartOfBurst;
  // RFC 8985 6.2 step 4: a path that keeps the order needs no patience once it is clear.
  if (in_recovery || chunks_beyond >= kDuplicateThreshold) return Duration::zero();
  return rtt.minimum() / 4;
}

std::optional<Timestamp> LossDetector::lost_at(const Transmission& transmission,
                                               const RttEstimator& rtt, size_t chunks_beyond,
                                               bool in_recovery) const {
  if (transmission.order >= newest_order_) return std::nullopt;
  return transmission.sent + newest_rtt_ + reordering_window(rtt, chunks_beyond, in_recovery);
}

}  // namespace mayfly::sctp
