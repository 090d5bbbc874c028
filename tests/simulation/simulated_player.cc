#include "tests/simulation/simulated_player.h"

#include <fmt/format.h>

#include <utility>

namespace mayfly {

SimulatedPlayer::SimulatedPlayer(std::string name, const Surroundings& surroundings,
                                 const IpEndpoint& local, const TransportOptions& options)
    : name_(std::move(name)),
      host_(local),
      simulation_(surroundings.simulation),
      log_(surroundings.log),
      sink_(simulation_),
      socket_(surroundings.network, local),
      transport_(surroundings.stack, socket_, options),
      session_(std::move(*transport_.connect(surroundings.server)), simulation_, simulation_, sink_,
               *this) {}

Outcome SimulatedPlayer::outcome() const {
  Outcome outcome;
  outcome.name = name_;
  outcome.finished = finished_;
  outcome.stats = session_.stats();
  outcome.shown = sink_.frames;
  outcome.lateness = sink_.lateness;
  outcome.refused = refused_;
  outcome.playouts = playouts_;
  return outcome;
}

void SimulatedPlayer::on_state(ClientSession::State state) {
  note(fmt::format("is {}", to_string(state)));
}

void SimulatedPlayer::on_playing(const wire::Playing& playing) {
  ++playouts_;
  note(fmt::format("is told of playout {} from {:.3f} s", playing.epoch.value(),
                   to_seconds(playing.position.time_since_epoch())));
}

void SimulatedPlayer::on_refused(const Error& why) {
  refused_.push_back(why);
  note("is refused: " + why.message);
}

void SimulatedPlayer::on_finished(const Result<void>& how) {
  finished_ = how;
  note("has ended: " + (how ? "in good order" : how.error().message));
}

void SimulatedPlayer::note(const std::string& what) {
  log_.note(simulation_.now(), name_ + " " + what);
}

}  // namespace mayfly
