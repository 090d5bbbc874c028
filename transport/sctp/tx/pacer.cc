#include "transport/sctp/tx/pacer.h"

#include <algorithm>

namespace mayfly::sctp {

void Pacer::on_sent(size_t bytes, Timestamp now) {
  if (rate_.bits_per_second() <= 0) {
    paid_until_ = now;
    return;
  }
  paid_until_ = std::max(paid_until_, now) + rate_.time_for(bytes);
}

Timestamp Pacer::next_send() const {
  if (rate_.bits_per_second() <= 0) return Timestamp{};
  return paid_until_ - rate_.time_for(burst_bytes_);
}

}  // namespace mayfly::sctp
