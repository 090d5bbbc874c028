#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "demux/synthetic_source.h"
#include "netsim/simulated_network.h"
#include "netsim/simulation.h"
#include "netsim/virtual_time.h"
#include "server/server.h"
#include "tests/simulation/simulated_player.h"
#include "transport/usrsctp/usrsctp_stack.h"
#include "transport/usrsctp/usrsctp_transport.h"

namespace mayfly {

// A whole server and whole players, each on a host of its own, with the real usrsctp stack between
// them, on virtual time: all of mayfly but the operating system. One seed makes one run. One at a
// time, as the stack is the process's.
class SimulatedWorld final : private ServerObserver {
 public:
  struct Settings {
    SyntheticShape clip;
    ServerOptions server;
    TransportOptions transport;
    uint64_t seed = 1;
  };
  static constexpr const char* kClip = "clip";

  explicit SimulatedWorld(Settings settings);
  ~SimulatedWorld() override;

  // A player that connects from now on, over a path as parse_path_model() reads it: "down." is
  // towards the player.
  [[nodiscard]] SimulatedPlayer& join(const std::string& name, const std::string& link);
  // From now on.
  void set_link(const SimulatedPlayer& player, const std::string& link);

  void run_for(Duration duration) { simulation_.run_for(duration); }
  // Until the player's session is over, at most to `limit`. Whether it was.
  [[nodiscard]] bool run_until_finished(const SimulatedPlayer& player, Duration limit = 120s);

  [[nodiscard]] Simulation& simulation() { return simulation_; }
  [[nodiscard]] Server& server() { return *server_; }
  // Both directions since the link was set.
  [[nodiscard]] LinkStats towards(const SimulatedPlayer& player) const;
  [[nodiscard]] Outcome outcome(const SimulatedPlayer& player) const;
  // Seed, links and the tail of what happened.
  [[nodiscard]] std::string story() const;

 private:
  void on_player_joined(const SessionStats& player) override;
  void on_playing(const SessionStats& player) override;
  void on_request_refused(const SessionStats& player, const Error& why) override;
  void on_player_left(const SessionStats& player, const Error& why) override;
  void on_player_turned_away(const std::string& peer, const Error& why) override;
  void note(const std::string& what);
  [[nodiscard]] std::unique_ptr<Server> make_server();

  const Settings settings_;
  const IpEndpoint server_at_ = IpEndpoint::v4({10, 0, 0, 1}, 9899);
  Simulation simulation_;
  VirtualTime time_;
  RunLog log_;
  std::string links_;
  SimulatedNetwork network_;
  UsrsctpStack stack_;
  std::unique_ptr<PacketSocket> server_socket_;
  UsrsctpTransport transport_;
  std::unique_ptr<Server> server_;
  std::vector<std::pair<SessionStats, Error>> left_;
  std::vector<std::unique_ptr<SimulatedPlayer>> players_;
};

}  // namespace mayfly
