#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/timer.h"
#include "server/server.h"
#include "telemetry/log_limiter.h"

namespace mayfly {

// Tells the operator of `mayfly serve` what happens, a line each: a few words, then key=value. What
// the network can cause any number of times is limited, by kind; how much was left out is said.
class OperatorLog final : public ServerObserver {
 public:
  OperatorLog(const Clock& clock, TimerFactory& timers, LogLimits limits = {});

  void on_player_joined(const SessionStats& player) override;
  void on_playing(const SessionStats& player) override;
  void on_request_refused(const SessionStats& player, const Error& why) override;
  void on_player_left(const SessionStats& player, const Error& why) override;
  void on_transport_event(uint64_t player, const std::string& peer,
                          const TransportEvent& event) override;
  void on_player_turned_away(const std::string& peer, const Error& why) override;

 private:
  // The number of suppressed lines to tell with this one, as " suppressed=7" or nothing; none when
  // this one is suppressed too.
  [[nodiscard]] std::optional<std::string> admit(const std::string& kind);
  void tell_suppressed();

  const Clock& clock_;
  const LogLimits limits_;
  LogLimiter limiter_;
  std::unique_ptr<Timer> timer_;  // while lines are owed
};

// All players on one line, for a log every now and then: "statistics players=2 ...". Empty when
// there is nobody.
[[nodiscard]] std::string statistics_line(const std::vector<SessionStats>& players);

}  // namespace mayfly
