#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "core/clock.h"
#include "core/timer.h"
#include "core/units.h"

namespace mayfly {

// Virtual time: a clock and an ordered list of what happens when. Nothing else knows how time
// moves, so sessions that run on it give the same result for the same seed, thousands of times
// faster than a wall clock. Events of the same moment run in the order they were scheduled.
class Simulation final : public Clock, public TimerFactory, public Executor {
 public:
  using EventId = uint64_t;

  // The clock begins at `start`, which is not zero so that a forgotten timestamp stands out.
  explicit Simulation(Timestamp start = Timestamp(1s));

  [[nodiscard]] Timestamp now() const override { return now_; }
  [[nodiscard]] std::unique_ptr<Timer> create(std::function<void()> on_expired) override;
  void post(std::function<void()> work) override { (void)at(now_, std::move(work)); }

  // Runs `work` when the clock reaches `when`; at once, but not from inside this call, when that
  // has passed.
  EventId at(Timestamp when, std::function<void()> work);
  void cancel(EventId id);

  // Told whenever the clock moves, before anything of the new moment runs: for a stack that reads
  // the time behind our back.
  void set_on_tick(std::function<void(Timestamp)> on_tick) { on_tick_ = std::move(on_tick); }

  void run_for(Duration duration) { run_until(now_ + duration); }
  // Runs everything due up to and including `end`, and leaves the clock there.
  void run_until(Timestamp end);
  // Until `done` holds after an event, at most to `limit`. Whether it held.
  [[nodiscard]] bool run_until(const std::function<bool()>& done, Duration limit);

 private:
  void run_next();
  void move_to(Timestamp when);

  struct Key {
    Timestamp when;
    EventId id;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  Timestamp now_;
  EventId next_id_ = 1;
  std::map<Key, std::function<void()>> events_;
  std::map<EventId, Timestamp> pending_;
  std::function<void(Timestamp)> on_tick_;
};

}  // namespace mayfly
