#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "core/units.h"

namespace mayfly::sctp {

// How much may be under way on one path. Told what happened, asked for the window; knows neither
// chunks nor timers. Bytes are those of chunks with their headers.
class CongestionControl {
 public:
  struct Ack {
    Timestamp now{};
    size_t bytes = 0;          // newly acknowledged
    size_t flight_before = 0;  // outstanding when the SACK came
    bool in_recovery = false;  // a loss of this window has been answered already
    Duration smoothed_rtt{};   // zero: not measured yet
  };

  virtual ~CongestionControl() = default;
  [[nodiscard]] virtual std::string name() const = 0;

  virtual void on_ack(const Ack& ack) = 0;
  // A recovery begins, the next on_loss() or on_timeout() with it: here on_spurious_loss() returns.
  virtual void remember() = 0;
  // Something was lost: told once for everything that was under way then (RFC 9260 7.2.4).
  virtual void on_loss(Timestamp now) = 0;
  // The retransmission timer ran out (RFC 9260 6.3.3 E1).
  virtual void on_timeout(Timestamp now) = 0;
  // All of the last recovery was a mistake: what was thought lost had arrived.
  virtual void on_spurious_loss() = 0;
  // Nothing was under way for a whole RTO (RFC 9260 7.2.1).
  virtual void on_idle() = 0;

  [[nodiscard]] virtual size_t window() const = 0;
  [[nodiscard]] virtual bool in_slow_start() const = 0;
};

struct WindowOptions {
  size_t mtu_bytes = 1252;  // of an SCTP packet
  // RFC 6928 2, as other transports begin today; RFC 9260 7.2.1 would be four.
  size_t initial_packets = 10;
};

}  // namespace mayfly::sctp
