#include "transport/sctp/tx/pacer.h"

#include <algorithm>
#include <cmath>

namespace mayfly::sctp {

std::chrono::nanoseconds Pacer::time_for(size_t bytes) const {
  const auto rate = static_cast<double>(rate_.bits_per_second());
  return std::chrono::nanoseconds(
      static_cast<int64_t>(std::ceil(static_cast<double>(bytes) * 8e9 / rate)));
}

void Pacer::on_sent(size_t bytes, Timestamp now) {
  if (rate_.bits_per_second() <= 0) {
    paid_until_ = now;
    return;
  }
  paid_until_ = std::max(paid_until_, Fine(now)) + time_for(bytes);
}

Timestamp Pacer::next_send() const {
  if (rate_.bits_per_second() <= 0) return Timestamp{};
  const size_t portion = std::min(rate_.bytes_in(1ms), kMaxPortion);
  const Fine at = paid_until_ - time_for(std::max(burst_bytes_, portion));
  return std::chrono::ceil<Duration>(at);
}

}  // namespace mayfly::sctp
