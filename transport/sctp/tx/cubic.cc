#include "transport/sctp/tx/cubic.h"

#include <algorithm>
#include <cmath>

namespace mayfly::sctp {
namespace {

constexpr double kC = 0.4;                                // RFC 9438 5
constexpr double kBeta = 0.7;                             // 4.6
constexpr double kAlpha = 3 * (1 - kBeta) / (1 + kBeta);  // 4.3: as friendly as Reno
// 4.6: at least two segments, and RFC 9260 7.2.3 asks for four: less would leave a lost packet
// without three behind it to tell.
constexpr double kLeastWindow = 4;

}  // namespace

double Cubic::cubic_window(double seconds, double w_max, double k) {
  return kC * std::pow(seconds - k, 3) + w_max;
}

double Cubic::cubic_k(double w_max, double window_at_epoch) {
  return std::cbrt((w_max - window_at_epoch) / kC);
}

Cubic::Cubic(const WindowOptions& options) : mtu_(static_cast<double>(options.mtu_bytes)) {
  state_.window = static_cast<double>(options.initial_packets);
}

void Cubic::on_ack(const Ack& ack) {
  // 5.8: a window that was not used up does not grow.
  const double flight = static_cast<double>(ack.flight_before) / mtu_;
  if (ack.in_recovery || flight + 1 <= state_.window) return;
  if (in_slow_start()) {
    state_.window += std::min(static_cast<double>(ack.bytes) / mtu_, 1.0);
    return;
  }
  if (!state_.epoch) begin_epoch(ack.now);
  avoid_congestion(ack);
}

void Cubic::begin_epoch(Timestamp now) {
  state_.epoch = now;
  state_.window_at_epoch = state_.window;
  state_.w_est = state_.window;
  if (state_.w_max < state_.window) state_.w_max = state_.window;
  state_.k = cubic_k(state_.w_max, state_.window_at_epoch);
}

void Cubic::avoid_congestion(const Ack& ack) {
  const double acked = static_cast<double>(ack.bytes) / mtu_;
  const double t = to_seconds(ack.now - *state_.epoch);
  const double rtt = to_seconds(ack.smoothed_rtt);
  // 4.3: what Reno would have by now; from its old window on it grows as Reno does.
  const double alpha = state_.w_est >= state_.prior_window ? 1.0 : kAlpha;
  state_.w_est += alpha * acked / state_.window;
  if (cubic_window(t, state_.w_max, state_.k) < state_.w_est) {
    state_.window = std::max(state_.window, state_.w_est);
    return;
  }
  // 4.4, 4.5: towards where the curve is a round trip from now, at most half as much again.
  const double target =
      std::clamp(cubic_window(t + rtt, state_.w_max, state_.k), state_.window, 1.5 * state_.window);
  state_.window += (target - state_.window) / state_.window * acked;
}

void Cubic::reduce() {
  // 4.7, fast convergence: a flow that peaks lower than last time makes room.
  state_.w_max = state_.window < state_.w_max ? state_.window * (1 + kBeta) / 2 : state_.window;
  state_.prior_window = state_.window;
  state_.threshold = std::max(state_.window * kBeta, kLeastWindow);
  state_.epoch.reset();
}

void Cubic::on_loss(Timestamp /*now*/) {
  reduce();
  state_.window = state_.threshold;
}

void Cubic::on_timeout(Timestamp /*now*/) {
  reduce();
  state_.window = 1;  // 4.8
}

void Cubic::on_spurious_loss() {
  // 4.9
  if (!before_ || before_->window <= state_.window) return;
  state_ = *before_;
  state_.epoch.reset();
  before_.reset();
}

void Cubic::on_idle() {
  // RFC 9260 7.2.1; and the epoch must not run on while nothing is sent (RFC 9438 5.8).
  state_.window = std::max(state_.window / 2, std::min(state_.window, kLeastWindow));
  state_.epoch.reset();
}

}  // namespace mayfly::sctp
