#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "demux/synthetic_source.h"
#include "netsim/simulation.h"
#include "server/server.h"
#include "tests/server/served_player.h"
#include "tests/support/loopback_transport.h"

namespace mayfly {

// Writes down what a server tells its operator.
struct RecordingServerObserver final : ServerObserver {
  void on_player_joined(const SessionStats&) override { ++joined; }
  void on_playing(const SessionStats& player) override { playing.push_back(player); }
  void on_request_refused(const SessionStats&, const Error& why) override {
    refused.push_back(why);
  }
  void on_player_left(const SessionStats& player, const Error& why) override {
    left.emplace_back(player, why);
  }
  void on_player_turned_away(const std::string&, const Error& why) override {
    turned_away.push_back(why);
  }

  size_t joined = 0;
  std::vector<SessionStats> playing;
  std::vector<Error> refused;
  std::vector<std::pair<SessionStats, Error>> left;
  std::vector<Error> turned_away;
};

// A whole server on virtual time, with clips that were never filmed, and players of its own.
class ServedWorld {
 public:
  using Clips = std::map<std::string, SyntheticShape>;

  // `open`: how the clips are opened when somebody plays them; none: at once.
  explicit ServedWorld(const ServerOptions& options = {},
                       Clips clips = {{"clip.syn", SyntheticShape{}}},
                       const LoopbackOptions& network = {}, AsyncMediaOpener open = {})
      : clips_(std::move(clips)),
        transport_(simulation_, network),
        server_(std::make_unique<Server>(listeners(), catalogue(),
                                         open ? std::move(open) : opener(), simulation_,
                                         simulation_, observer_, options)) {}

  // Over `network` if that is given, or else the world's.
  [[nodiscard]] ServedPlayer& join(uint32_t version = wire::kProtocolVersion) {
    players_.push_back(std::make_unique<ServedPlayer>(simulation_, transport_, address_, version));
    return *players_.back();
  }
  // Said Hello and was welcomed.
  [[nodiscard]] ServedPlayer& join_and_greet() {
    ServedPlayer& player = join();
    run_for(100ms);
    return player;
  }

  void run_for(Duration duration) { simulation_.run_for(duration); }
  [[nodiscard]] Simulation& simulation() { return simulation_; }
  [[nodiscard]] LoopbackTransport& transport() { return transport_; }
  [[nodiscard]] Server& server() { return *server_; }
  void destroy_server() { server_.reset(); }
  [[nodiscard]] const RecordingServerObserver& observer() const { return observer_; }

 private:
  [[nodiscard]] std::vector<std::unique_ptr<Listener>> listeners() {
    std::vector<std::unique_ptr<Listener>> all;
    all.push_back(std::move(*transport_.listen(address_)));
    return all;
  }
  [[nodiscard]] ClipCatalogue catalogue() const {
    std::vector<Clip> all;
    for (const auto& [name, shape] : clips_) {
      const SyntheticSource source(shape);
      all.push_back({name, {name, false}, source.duration(), source.tracks()});
    }
    return ClipCatalogue::of(std::move(all));
  }
  [[nodiscard]] AsyncMediaOpener opener() const {
    return opening_at_once(
        [this](const MediaLocation& location) -> Result<std::unique_ptr<MediaSource>> {
          return std::make_unique<SyntheticSource>(clips_.at(location.place));
        });
  }

  const Clips clips_;
  const TransportAddress address_{{IpEndpoint::loopback_v4(9899)}};
  Simulation simulation_;
  RecordingServerObserver observer_;
  LoopbackTransport transport_;
  std::unique_ptr<Server> server_;
  std::vector<std::unique_ptr<ServedPlayer>> players_;
};

}  // namespace mayfly
