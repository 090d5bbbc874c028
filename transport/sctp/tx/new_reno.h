#pragma once

#include "transport/sctp/tx/congestion_control.h"

namespace mayfly::sctp {

// The window of RFC 9260 7.2.
class NewReno final : public CongestionControl {
 public:
  explicit NewReno(const WindowOptions& options);

  [[nodiscard]] std::string name() const override { return "newreno"; }
  void on_ack(const Ack& ack) override;
  void remember() override;
  void on_loss(Timestamp now) override;
  void on_timeout(Timestamp now) override;
  void on_spurious_loss() override;
  void on_idle() override;
  [[nodiscard]] size_t window() const override { return window_; }
  [[nodiscard]] bool in_slow_start() const override { return window_ <= threshold_; }

 private:
  size_t mtu_;
  size_t window_;                // cwnd
  size_t threshold_ = SIZE_MAX;  // ssthresh
  size_t partial_bytes_ = 0;     // partial_bytes_acked
  size_t window_before_ = 0;     // for on_spurious_loss(); 0: nothing to go back to
  size_t threshold_before_ = 0;
};

}  // namespace mayfly::sctp
