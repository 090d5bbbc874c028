#pragma once

#include <functional>
#include <memory>

#include "core/clock.h"
#include "core/timer.h"
#include "transport/reactor.h"

namespace mayfly {

// The real world's counterpart of Simulation: the one thread on which associations, sessions and
// timers live. A round is whatever became ready, run to its end; then what was put off to the end
// of the round; then the loop sleeps until something happens.
//
// Only post() and stop() may be called from other threads. Timers, watches and round-end tasks must
// not outlive the loop.
class EventLoop final : public Clock, public TimerFactory, public Executor, public Reactor {
 public:
  // Work that is worth doing once for a whole round, such as sending what gathered in it. Never
  // runs once destroyed; the callback may destroy it.
  class RoundEndTask {
   public:
    virtual ~RoundEndTask() = default;
    // Runs the work once at the end of this round, however often it is asked for; from outside of
    // the loop or from other round-end work: in the next round, which then begins at once.
    virtual void schedule() = 0;
  };

  EventLoop();
  ~EventLoop() override;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  [[nodiscard]] Timestamp now() const override;
  [[nodiscard]] std::unique_ptr<Timer> create(std::function<void()> on_expired) override;
  void post(std::function<void()> work) override;
  // The descriptor must be one that can be waited for (no regular file), watched only once, and be
  // closed after its watch.
  [[nodiscard]] std::unique_ptr<Watch> watch(int descriptor, std::function<void()> on_readable,
                                             std::function<void()> on_writable) override;
  [[nodiscard]] std::unique_ptr<RoundEndTask> at_round_end(std::function<void()> work);

  // From now on SIGINT and SIGTERM no longer end the process but call this, with the signal's
  // number, from the loop. An empty function gives them back.
  void set_on_signal(std::function<void(int signal)> on_signal);

  // The same for SIGUSR1, by which an operator asks a program to say how it is.
  void set_on_user_signal(std::function<void()> on_signal);

  // Runs until stop(). May be called again afterwards.
  void run();
  // Until `done` holds after a round, at most for `limit`. Whether it held.
  [[nodiscard]] bool run_until(const std::function<bool()>& done, Duration limit);
  // Ends run() after the round it is in; before run(), ends the next one at once. Any thread.
  void stop();

  // Whether the caller is on the thread that runs the loop now.
  [[nodiscard]] bool is_current() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mayfly
