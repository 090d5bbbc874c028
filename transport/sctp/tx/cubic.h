#pragma once

#include <optional>

#include "transport/sctp/tx/congestion_control.h"

namespace mayfly::sctp {

// CUBIC (RFC 9438). Its formulas count segments; one is a packet of the path here.
class Cubic final : public CongestionControl {
 public:
  explicit Cubic(const WindowOptions& options);

  [[nodiscard]] std::string name() const override { return "cubic"; }
  void on_ack(const Ack& ack) override;
  void remember() override { before_ = state_; }
  void on_loss(Timestamp now) override;
  void on_timeout(Timestamp now) override;
  void on_spurious_loss() override;
  void on_idle() override;
  [[nodiscard]] size_t window() const override { return static_cast<size_t>(state_.window * mtu_); }
  [[nodiscard]] bool in_slow_start() const override { return state_.window < state_.threshold; }

  // W_cubic(t) of RFC 9438 4.2, figure 1: segments, `seconds` into the epoch.
  [[nodiscard]] static double cubic_window(double seconds, double w_max, double k);
  // K, figure 2.
  [[nodiscard]] static double cubic_k(double w_max, double window_at_epoch);

 private:
  struct State {
    double window = 0;        // cwnd
    double threshold = 1e12;  // ssthresh
    double w_max = 0;
    double w_est = 0;  // what Reno would have (4.3)
    double window_at_epoch = 0;
    double prior_window = 0;  // before the last reduction
    double k = 0;
    std::optional<Timestamp> epoch;  // of congestion avoidance; none: begins with the next ACK
  };

  void begin_epoch(Timestamp now);
  void avoid_congestion(const Ack& ack);
  void reduce();

  double mtu_;
  State state_;
  std::optional<State> before_;  // the last recovery
};

}  // namespace mayfly::sctp
