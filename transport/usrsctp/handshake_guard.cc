#include "transport/usrsctp/handshake_guard.h"

#include <algorithm>

namespace mayfly {

bool HandshakeGuard::admit_init(Timestamp now) {
  const double refill = to_seconds(now - refilled_) * limits_.inits_per_second;
  tokens_ = std::min(limits_.init_burst, tokens_ + refill);
  refilled_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

void HandshakeGuard::answered(uint32_t tag, const IpEndpoint& peer) {
  const auto [entry, is_new] = peers_.insert_or_assign(tag, peer);
  if (!is_new) return;
  oldest_first_.push_back(tag);
  if (oldest_first_.size() > limits_.remembered) {
    peers_.erase(oldest_first_.front());
    oldest_first_.pop_front();
  }
}

bool HandshakeGuard::admit_cookie(uint32_t tag, const IpEndpoint& peer) const {
  const auto found = peers_.find(tag);
  return found != peers_.end() && found->second == peer;
}

}  // namespace mayfly
