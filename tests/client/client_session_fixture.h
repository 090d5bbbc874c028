#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/client_session.h"
#include "netsim/simulation.h"
#include "tests/client/recording_sink.h"
#include "tests/client/scripted_server.h"
#include "tests/support/loopback_association.h"

namespace mayfly {

struct ClientEvents final : ClientSession::Observer {
  void on_state(ClientSession::State state) override { states.push_back(state); }
  void on_catalogue(const std::vector<wire::CatalogueEntry>& clips) override { catalogue = clips; }
  void on_playing(const wire::Playing& playing) override { playings.push_back(playing); }
  void on_refused(const Error& why) override { refused.push_back(why); }
  void on_finished(const Result<void>& how) override { finished = how; }

  std::vector<ClientSession::State> states;
  std::optional<std::vector<wire::CatalogueEntry>> catalogue;
  std::vector<wire::Playing> playings;
  std::vector<Error> refused;
  std::optional<Result<void>> finished;
};

inline uint64_t sum_of_states(const ClassFates& fates) {
  return fates.on_time + fates.late + fates.abandoned_unsent + fates.abandoned_sent + fates.lost +
         fates.undecodable;
}

// A client session over a loopback, with a scripted server at its other end.
class ClientSessionTest : public ::testing::Test {
 protected:
  void connect(const ScriptedServer::Script& script = {}, LoopbackOptions link = {},
               ClientOptions options = {}) {
    pair_ = make_loopback(simulation_, link, "player:1", "server:9899");
    server_ = std::make_unique<ScriptedServer>(simulation_, std::move(pair_.server), script);
    session_ = std::make_unique<ClientSession>(std::move(pair_.client), simulation_, simulation_,
                                               sink_, events_, options);
    simulation_.at(simulation_.now() + 20ms, [this] {
      pair_.server_controls->establish();
      pair_.client_controls->establish();
    });
  }
  void play(Duration delay = 500ms, bool loop = false) {
    session_->play({.clip = "clip", .playout_delay = delay, .loop = loop});
  }
  [[nodiscard]] bool run_to_end(Duration limit = 60s) {
    return simulation_.run_until([this] { return events_.finished.has_value(); }, limit);
  }
  void expect_states_sum_to(uint64_t frames) {
    const PlaybackStats stats = session_->stats();
    uint64_t sent = 0;
    for (const FrameClass each : kFrameClasses) {
      EXPECT_EQ(sum_of_states(stats.of(each)), stats.of(each).sent) << to_string(each);
      sent += stats.of(each).sent;
    }
    EXPECT_EQ(sent, frames);
  }
  [[nodiscard]] std::string error() const {
    if (!events_.finished) return "(not finished)";
    return *events_.finished ? "(no error)" : events_.finished->error().message;
  }

  Simulation simulation_;
  RecordingSink sink_{simulation_};
  ClientEvents events_;
  LoopbackPair pair_;
  std::unique_ptr<ScriptedServer> server_;
  std::unique_ptr<ClientSession> session_;
};

}  // namespace mayfly
