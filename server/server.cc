#include "server/server.h"

#include <fmt/format.h>

#include <utility>

#include "core/check.h"

namespace mayfly {

Server::Server(std::vector<std::unique_ptr<Listener>> listeners, ClipCatalogue catalogue,
               AsyncMediaOpener open, const Clock& clock, TimerFactory& timers,
               ServerObserver& observer, const ServerOptions& options)
    : catalogue_(std::move(catalogue)),
      open_(std::move(open)),
      clock_(clock),
      timers_(timers),
      observer_(observer),
      options_(options),
      listeners_(std::move(listeners)),
      burial_timer_(timers.create([this] { bury(); })),
      goodbye_timer_(timers.create([this] { finish(); })) {
  for (const auto& each : listeners_) {
    each->set_acceptor(
        [this](std::unique_ptr<Association> association) { accept(std::move(association)); });
  }
}

Server::~Server() = default;

void Server::accept(std::unique_ptr<Association> association) {
  if (is_going_down_) return;  // dropping it aborts it
  if (sessions_.size() < options_.most_sessions) {
    auto session = make_session(std::move(association));
    sessions_.emplace(session->id(), std::move(session));
    return;
  }
  const Error why{ErrorCode::Exhausted,
                  fmt::format("the server is full: {} players are connected; try again later",
                              sessions_.size())};
  observer_.on_player_turned_away(association->peer(), why);
  if (turned_away_.size() >= options_.most_refusals) return;
  auto session = make_session(std::move(association));
  Session& guest = *session;
  turned_away_.emplace(guest.id(), std::move(session));
  guest.end(why);
}

std::unique_ptr<Session> Server::make_session(std::unique_ptr<Association> association) {
  const Session::Surroundings surroundings{clock_, timers_, catalogue_, open_};
  // Not make_unique(), which may not see that we are an observer.
  return std::unique_ptr<Session>(
      new Session(next_id_++, std::move(association), surroundings, options_.session, *this));
}

void Server::on_greeted(const Session& session) { observer_.on_player_joined(session.stats()); }
void Server::on_playing(const Session& session) { observer_.on_playing(session.stats()); }
void Server::on_refused(const Session& session, const Error& why) {
  observer_.on_request_refused(session.stats(), why);
}

void Server::on_transport_event(const Session& session, const TransportEvent& event) {
  observer_.on_transport_event(session.id(), session.peer(), event);
}

void Server::on_ended(const Session& session, const Error& why) {
  auto ended = sessions_.extract(session.id());
  if (!ended.empty()) {
    observer_.on_player_left(session.stats(), why);
  } else {
    ended = turned_away_.extract(session.id());
  }
  // It calls us from inside itself.
  if (!ended.empty()) dead_.push_back(std::move(ended.mapped()));
  burial_timer_->start(Duration::zero());
}

void Server::bury() {
  dead_.clear();
  if (is_going_down_ && sessions_.empty() && turned_away_.empty()) finish();
}

void Server::shut_down(const std::string& reason, std::function<void()> done) {
  done_ = std::move(done);
  if (std::exchange(is_going_down_, true)) {
    goodbye_timer_->start(Duration::zero());
    return;
  }
  listeners_.clear();
  for (const auto& [id, session] : sessions_) session->end({ErrorCode::Closed, reason});
  goodbye_timer_->start(options_.goodbye_limit);
  if (sessions_.empty() && turned_away_.empty()) burial_timer_->start(Duration::zero());
}

void Server::finish() {
  goodbye_timer_->stop();
  burial_timer_->stop();
  dead_.clear();
  for (const auto& [id, session] : std::exchange(sessions_, {})) {
    observer_.on_player_left(session->stats(), {ErrorCode::Timeout, "did not answer our goodbye"});
  }
  turned_away_.clear();
  // The server may be gone when it returns.
  if (const auto done = std::exchange(done_, nullptr)) done();
}

std::vector<SessionStats> Server::sessions() const {
  std::vector<SessionStats> stats;
  for (const auto& [id, session] : sessions_) stats.push_back(session->stats());
  return stats;
}

std::vector<IpEndpoint> Server::local() const {
  std::vector<IpEndpoint> all;
  for (const auto& each : listeners_) {
    const auto endpoints = each->local();
    all.insert(all.end(), endpoints.begin(), endpoints.end());
  }
  return all;
}

}  // namespace mayfly
