#include "netsim/simulation.h"

#include <algorithm>

#include "core/check.h"

namespace mayfly {
namespace {

class SimulatedTimer final : public Timer {
 public:
  SimulatedTimer(Simulation& simulation, std::function<void()> on_expired)
      : simulation_(simulation), on_expired_(std::move(on_expired)) {}
  ~SimulatedTimer() override { stop(); }
  SimulatedTimer(const SimulatedTimer&) = delete;
  SimulatedTimer& operator=(const SimulatedTimer&) = delete;

  void start(Duration after) override {
    MAYFLY_CHECK(after >= Duration::zero());
    stop();
    event_ = simulation_.at(simulation_.now() + after, [this] {
      event_ = 0;
      const auto expired = on_expired_;  // the callback may destroy the timer, and itself with it
      expired();
    });
  }
  void stop() override {
    if (event_ != 0) simulation_.cancel(event_);
    event_ = 0;
  }
  [[nodiscard]] bool is_running() const override { return event_ != 0; }

 private:
  Simulation& simulation_;
  std::function<void()> on_expired_;
  Simulation::EventId event_ = 0;
};

}  // namespace

Simulation::Simulation(Timestamp start) : now_(start) {}

std::unique_ptr<Timer> Simulation::create(std::function<void()> on_expired) {
  return std::make_unique<SimulatedTimer>(*this, std::move(on_expired));
}

Simulation::EventId Simulation::at(Timestamp when, std::function<void()> work) {
  const EventId id = next_id_++;
  const Timestamp due = std::max(when, now_);
  events_.emplace(Key{due, id}, std::move(work));
  pending_.emplace(id, due);
  return id;
}

void Simulation::cancel(EventId id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  events_.erase(Key{found->second, id});
  pending_.erase(found);
}

void Simulation::run_until(Timestamp end) {
  while (!events_.empty() && events_.begin()->first.when <= end) run_next();
  move_to(std::max(end, now_));
}

bool Simulation::run_until(const std::function<bool()>& done, Duration limit) {
  const Timestamp end = now_ + limit;
  while (!done()) {
    if (events_.empty() || events_.begin()->first.when > end) {
      move_to(end);
      return done();
    }
    run_next();
  }
  return true;
}

void Simulation::run_next() {
  auto node = events_.extract(events_.begin());
  pending_.erase(node.key().id);
  move_to(node.key().when);
  node.mapped()();
}

void Simulation::move_to(Timestamp when) {
  if (when == now_) return;
  now_ = when;
  if (on_tick_) on_tick_(now_);
}

}  // namespace mayfly
