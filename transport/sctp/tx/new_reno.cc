#include "transport/sctp/tx/new_reno.h"

#include <algorithm>

namespace mayfly::sctp {

NewReno::NewReno(const WindowOptions& options)
    : mtu_(options.mtu_bytes), window_(options.initial_packets * options.mtu_bytes) {}

void NewReno::on_ack(const Ack& ack) {
  // 7.2.1, 7.2.2: a window that was not used up, or that is being recovered, does not grow. It is
  // used up when another packet would not have fitted.
  if (ack.in_recovery || ack.flight_before + mtu_ <= window_) return;
  if (in_slow_start()) {
    window_ += std::min(ack.bytes, mtu_);
    return;
  }
  partial_bytes_ += ack.bytes;
  if (partial_bytes_ >= window_) {
    partial_bytes_ -= window_;
    window_ += mtu_;
  }
}

void NewReno::remember() {
  window_before_ = window_;
  threshold_before_ = threshold_;
}

void NewReno::on_loss(Timestamp /*now*/) {
  // 7.2.3
  threshold_ = std::max(window_ / 2, 4 * mtu_);
  window_ = threshold_;
  partial_bytes_ = 0;
}

void NewReno::on_timeout(Timestamp /*now*/) {
  // 7.2.3
  threshold_ = std::max(window_ / 2, 4 * mtu_);
  window_ = mtu_;
  partial_bytes_ = 0;
}

void NewReno::on_spurious_loss() {
  if (window_before_ == 0) return;
  window_ = std::max(window_, window_before_);
  threshold_ = std::max(threshold_, threshold_before_);
  window_before_ = 0;
}

void NewReno::on_idle() {
  // 7.2.1: once for each RTO without traffic, down to four packets.
  window_ = std::max(window_ / 2, std::min(window_, 4 * mtu_));
}

}  // namespace mayfly::sctp
