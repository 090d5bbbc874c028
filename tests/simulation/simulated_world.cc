#include "tests/simulation/simulated_world.h"

#include <fmt/format.h>

#include "core/check.h"

namespace mayfly {
namespace {

PathModel path_of(const std::string& link) {
  auto path = parse_path_model(link);
  if (!path) fmt::print(stderr, "{}\n", path.error().message);
  MAYFLY_CHECK(path.has_value());
  return *path;
}

bool is_of(const SessionStats& session, const SimulatedPlayer& player) {
  return session.peer.starts_with(address_text(player.host()) + ":");
}

}  // namespace

SimulatedWorld::SimulatedWorld(Settings settings)
    : settings_(std::move(settings)),
      time_(simulation_, settings_.seed),
      network_(simulation_, settings_.seed),
      stack_(simulation_, simulation_, simulation_),
      server_socket_(network_.bind(server_at_)),
      transport_(stack_, *server_socket_, settings_.transport),
      server_(make_server()) {
  network_.set_observer([this](const SimulatedNetwork::Fate& packet) { log_.note(packet); });
}

SimulatedWorld::~SimulatedWorld() = default;

std::unique_ptr<Server> SimulatedWorld::make_server() {
  const SyntheticSource source(settings_.clip);
  auto catalogue = ClipCatalogue::of({{kClip, {kClip, false}, source.duration(), source.tracks()}});
  std::vector<std::unique_ptr<Listener>> listeners;
  listeners.push_back(std::move(*transport_.listen({{server_at_}})));
  const auto open = [this](const MediaLocation&) -> Result<std::unique_ptr<MediaSource>> {
    return std::make_unique<SyntheticSource>(settings_.clip);
  };
  // Not make_unique(), which may not see that we are an observer.
  ServerObserver& observer = *this;
  return std::make_unique<Server>(std::move(listeners), std::move(catalogue), opening_at_once(open),
                                  simulation_, simulation_, observer, settings_.server);
}

SimulatedPlayer& SimulatedWorld::join(const std::string& name, const std::string& link) {
  const auto host = static_cast<uint8_t>(players_.size() + 2);
  const IpEndpoint local = IpEndpoint::v4({10, 0, 0, host}, 40'000);
  network_.set_path(local, server_at_, path_of(link));
  links_ += fmt::format("  {} has \"{}\"\n", name, link);
  const SimulatedPlayer::Surroundings surroundings{
      simulation_, network_, stack_, log_, {{server_at_}}};
  players_.push_back(
      std::make_unique<SimulatedPlayer>(name, surroundings, local, settings_.transport));
  return *players_.back();
}

void SimulatedWorld::set_link(const SimulatedPlayer& player, const std::string& link) {
  network_.set_path(player.host(), server_at_, path_of(link));
  note(fmt::format("a player's link is now \"{}\"", link));
}

bool SimulatedWorld::run_until_finished(const SimulatedPlayer& player, Duration limit) {
  return simulation_.run_until([&player] { return player.has_finished(); }, limit);
}

LinkStats SimulatedWorld::towards(const SimulatedPlayer& player) const {
  return network_.link_stats(server_at_, player.host());
}

Outcome SimulatedWorld::outcome(const SimulatedPlayer& player) const {
  Outcome outcome = player.outcome();
  outcome.judge(settings_.clip);
  for (const SessionStats& each : server_->sessions()) {
    if (is_of(each, player)) outcome.server = each;
  }
  for (const auto& [stats, why] : left_) {
    if (!is_of(stats, player)) continue;
    outcome.server = stats;
    outcome.left = why;
  }
  outcome.packets_digest = log_.digest();
  outcome.story = story();
  return outcome;
}

std::string SimulatedWorld::story() const {
  return fmt::format("  seed {}, policy {}\n{}{}", settings_.seed,
                     settings_.server.session.policy.name, links_, log_.tail());
}

void SimulatedWorld::note(const std::string& what) { log_.note(simulation_.now(), what); }

void SimulatedWorld::on_player_joined(const SessionStats& player) {
  note(fmt::format("the server has a player at {}", player.peer));
}

void SimulatedWorld::on_playing(const SessionStats& player) {
  note(fmt::format("the server plays to {}", player.peer));
}

void SimulatedWorld::on_request_refused(const SessionStats& player, const Error& why) {
  note(fmt::format("the server refuses {}: {}", player.peer, why.message));
}

void SimulatedWorld::on_player_left(const SessionStats& player, const Error& why) {
  note(fmt::format("the server has lost {}: {}", player.peer, why.message));
  left_.emplace_back(player, why);
}

void SimulatedWorld::on_player_turned_away(const std::string& peer, const Error& why) {
  note(fmt::format("the server turned {} away: {}", peer, why.message));
}

}  // namespace mayfly
