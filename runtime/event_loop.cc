#include "runtime/event_loop.h"

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <csignal>
#include <optional>
#include <thread>
#include <vector>

#include "core/check.h"

namespace mayfly {
namespace {

// After so many callbacks the round ends although more are ready, so that packets which wait for
// the round's end leave under load too.
constexpr int kMaxCallbacksPerRound = 64;

class AsioTimer final : public Timer {
 public:
  AsioTimer(asio::io_context& context, std::function<void()> on_expired)
      : state_(std::make_shared<State>(context, std::move(on_expired))) {}
  ~AsioTimer() override { stop(); }
  AsioTimer(const AsioTimer&) = delete;
  AsioTimer& operator=(const AsioTimer&) = delete;

  void start(Duration after) override {
    MAYFLY_CHECK(after >= Duration::zero());
    state_->running = true;
    // A wait that had already expired cannot be cancelled any more: the count tells it apart.
    const uint64_t start = ++state_->starts;
    state_->timer.expires_after(after);
    state_->timer.async_wait([state = state_, start](const asio::error_code& error) {
      if (error || !state->running || state->starts != start) return;
      state->running = false;
      state->on_expired();
    });
  }
  void stop() override {
    if (!state_->running) return;
    state_->running = false;
    state_->timer.cancel();
  }
  [[nodiscard]] bool is_running() const override { return state_->running; }

 private:
  // Shared with the pending wait, which may come back after the timer was destroyed.
  struct State {
    State(asio::io_context& context, std::function<void()> work)
        : timer(context), on_expired(std::move(work)) {}
    asio::steady_timer timer;
    std::function<void()> on_expired;
    uint64_t starts = 0;
    bool running = false;
  };
  std::shared_ptr<State> state_;
};

class AsioWatch final : public Reactor::Watch {
 public:
  AsioWatch(asio::io_context& context, int descriptor, std::function<void()> on_readable,
            std::function<void()> on_writable)
      : state_(std::make_shared<State>(context)) {
    state_->on_readable = std::move(on_readable);
    state_->on_writable = std::move(on_writable);
    asio::error_code error;
    state_->descriptor.assign(descriptor, error);
    MAYFLY_CHECK(!error);
    if (state_->on_readable) wait_readable(state_);
  }
  ~AsioWatch() override {
    state_->ended = true;
    state_->descriptor.release();
  }
  AsioWatch(const AsioWatch&) = delete;
  AsioWatch& operator=(const AsioWatch&) = delete;

  void want_writable(bool wanted) override {
    state_->wants_writable = wanted && state_->on_writable;
    if (state_->wants_writable && !state_->waits_writable) wait_writable(state_);
  }

 private:
  // Shared with the pending waits, which may come back after the watch was destroyed.
  struct State {
    explicit State(asio::io_context& context) : descriptor(context) {}
    asio::posix::stream_descriptor descriptor;
    std::function<void()> on_readable;
    std::function<void()> on_writable;
    bool wants_writable = false;
    bool waits_writable = false;
    bool ended = false;
  };

  static void wait_readable(const std::shared_ptr<State>& state) {
    state->descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                 [state](const asio::error_code& error) {
                                   if (error || state->ended) return;
                                   state->on_readable();
                                   if (!state->ended) wait_readable(state);
                                 });
  }
  static void wait_writable(const std::shared_ptr<State>& state) {
    state->waits_writable = true;
    state->descriptor.async_wait(asio::posix::stream_descriptor::wait_write,
                                 [state](const asio::error_code& error) {
                                   state->waits_writable = false;
                                   if (error || state->ended || !state->wants_writable) return;
                                   state->on_writable();
                                   if (state->ended || !state->wants_writable) return;
                                   if (!state->waits_writable) wait_writable(state);
                                 });
  }

  std::shared_ptr<State> state_;
};

// What is to be done at the end of the round. Tasks hand in their own shared part.
struct ScheduledWork {
  std::function<void()> work;
  bool scheduled = false;
  bool ended = false;
};
using RoundEndList = std::vector<std::shared_ptr<ScheduledWork>>;

class ListedRoundEndTask final : public EventLoop::RoundEndTask {
 public:
  ListedRoundEndTask(RoundEndList& list, std::function<void()> work)
      : list_(list), scheduled_(std::make_shared<ScheduledWork>()) {
    scheduled_->work = std::move(work);
  }
  ~ListedRoundEndTask() override { scheduled_->ended = true; }
  ListedRoundEndTask(const ListedRoundEndTask&) = delete;
  ListedRoundEndTask& operator=(const ListedRoundEndTask&) = delete;

  void schedule() override {
    if (scheduled_->scheduled) return;
    scheduled_->scheduled = true;
    list_.push_back(scheduled_);
  }

 private:
  RoundEndList& list_;
  std::shared_ptr<ScheduledWork> scheduled_;
};

}  // namespace

struct EventLoop::State {
  // One thread runs the loop, which lets asio leave out some of its locks.
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  SteadyClock clock;
  RoundEndList round_end;
  RoundEndList running_round_end;
  std::optional<asio::signal_set> signals;
  std::function<void(int)> on_signal;
  std::optional<asio::signal_set> user_signals;
  std::function<void()> on_user_signal;
  std::atomic<bool> stopped = false;
  std::atomic<std::thread::id> thread;

  void run_round();
  void run_round_end();
  void wait_for_signal();
  void wait_for_user_signal();
};

void EventLoop::State::run_round() {
  // Work already put off, from outside of the loop or by other round-end work, must not wait for
  // the next event.
  if (round_end.empty()) context.run_one();
  for (int i = 1; i < kMaxCallbacksPerRound && context.poll_one() > 0; ++i) {
  }
  run_round_end();
}

void EventLoop::State::run_round_end() {
  running_round_end.swap(round_end);
  for (const auto& task : running_round_end) {
    task->scheduled = false;
    if (!task->ended) task->work();
  }
  running_round_end.clear();
}

void EventLoop::State::wait_for_signal() {
  signals->async_wait([this](const asio::error_code& error, int signal) {
    if (error || !on_signal) return;
    const auto callback = on_signal;  // which may replace itself
    callback(signal);
    if (signals) wait_for_signal();
  });
}

void EventLoop::State::wait_for_user_signal() {
  user_signals->async_wait([this](const asio::error_code& error, int) {
    if (error || !on_user_signal) return;
    const auto callback = on_user_signal;  // which may replace itself
    callback();
    if (user_signals) wait_for_user_signal();
  });
}

EventLoop::EventLoop() : state_(std::make_unique<State>()) {}

EventLoop::~EventLoop() = default;

Timestamp EventLoop::now() const { return state_->clock.now(); }

std::unique_ptr<Timer> EventLoop::create(std::function<void()> on_expired) {
  return std::make_unique<AsioTimer>(state_->context, std::move(on_expired));
}

void EventLoop::post(std::function<void()> work) { asio::post(state_->context, std::move(work)); }

std::unique_ptr<Reactor::Watch> EventLoop::watch(int descriptor, std::function<void()> on_readable,
                                                 std::function<void()> on_writable) {
  return std::make_unique<AsioWatch>(state_->context, descriptor, std::move(on_readable),
                                     std::move(on_writable));
}

std::unique_ptr<EventLoop::RoundEndTask> EventLoop::at_round_end(std::function<void()> work) {
  return std::make_unique<ListedRoundEndTask>(state_->round_end, std::move(work));
}

void EventLoop::set_on_signal(std::function<void(int)> on_signal) {
  const bool wanted = static_cast<bool>(on_signal);
  state_->on_signal = std::move(on_signal);
  if (wanted && !state_->signals) {
    state_->signals.emplace(state_->context, SIGINT, SIGTERM);
    state_->wait_for_signal();
  }
  if (!wanted) state_->signals.reset();
}

void EventLoop::set_on_user_signal(std::function<void()> on_signal) {
  const bool wanted = static_cast<bool>(on_signal);
  state_->on_user_signal = std::move(on_signal);
  if (wanted && !state_->user_signals) {
    state_->user_signals.emplace(state_->context, SIGUSR1);
    state_->wait_for_user_signal();
  }
  if (!wanted) state_->user_signals.reset();
}

void EventLoop::run() {
  state_->thread = std::this_thread::get_id();
  while (!state_->stopped) state_->run_round();
  state_->stopped = false;
  state_->thread = std::thread::id();
}

bool EventLoop::run_until(const std::function<bool()>& done, Duration limit) {
  bool expired = false;
  const auto timer = create([&] { expired = true; });
  timer->start(limit);
  state_->thread = std::this_thread::get_id();
  while (!done() && !expired && !state_->stopped) state_->run_round();
  state_->stopped = false;
  state_->thread = std::thread::id();
  return done();
}

void EventLoop::stop() {
  state_->stopped = true;
  asio::post(state_->context, [] {});  // wakes it
}

bool EventLoop::is_current() const { return state_->thread == std::this_thread::get_id(); }

}  // namespace mayfly
