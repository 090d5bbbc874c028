#include "transport/sctp/tx/ack_spacing.h"

#include <algorithm>

namespace mayfly::sctp {
namespace {

constexpr Duration kWhile = 10s;
// What is further apart was not spread by a link's queue: it is another burst.
constexpr Duration kSameBurst = 20ms;

}  // namespace

void AckSpacing::on_acked(Timestamp sent, bool sent_once, Timestamp now) {
  if (now - since_ > kWhile) {
    widest_before_ = now - since_ > 2 * kWhile ? Duration::zero() : widest_;
    widest_ = Duration::zero();
    since_ = now;
  }
  const bool same_burst = sent_once && last_sent_ && sent >= *last_sent_ &&
                          sent - *last_sent_ < kSameBurst && now - last_at_ < kSameBurst;
  if (same_burst) widest_ = std::max(widest_, (now - last_at_) - (sent - *last_sent_));
  last_sent_.reset();
  if (sent_once) last_sent_ = sent;
  last_at_ = now;
}

Duration AckSpacing::widest() const { return std::max(widest_, widest_before_); }

}  // namespace mayfly::sctp
