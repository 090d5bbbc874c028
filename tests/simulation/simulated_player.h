#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/client_session.h"
#include "tests/client/recording_sink.h"
#include "tests/simulation/movable_socket.h"
#include "tests/simulation/outcome.h"
#include "tests/simulation/run_log.h"
#include "transport/usrsctp/usrsctp_transport.h"

namespace mayfly {

// A player on a simulated host: a socket, the SCTP stack over it, and the client's session with a
// sink that keeps everything.
class SimulatedPlayer final : private ClientSession::Observer {
 public:
  // The world it lives in, which outlives it.
  struct Surroundings {
    Simulation& simulation;
    SimulatedNetwork& network;
    UsrsctpStack& stack;
    RunLog& log;
    TransportAddress server;
  };

  SimulatedPlayer(std::string name, const Surroundings& surroundings, const IpEndpoint& local,
                  const TransportOptions& options);

  [[nodiscard]] ClientSession& session() { return session_; }
  [[nodiscard]] const RecordingSink& sink() const { return sink_; }
  [[nodiscard]] MovableSocket& socket() { return socket_; }
  [[nodiscard]] const IpEndpoint& host() const { return host_; }
  [[nodiscard]] bool has_finished() const { return finished_.has_value(); }
  // So far, without what only the server and the world know.
  [[nodiscard]] Outcome outcome() const;

 private:
  void on_state(ClientSession::State state) override;
  void on_playing(const wire::Playing& playing) override;
  void on_refused(const Error& why) override;
  void on_finished(const Result<void>& how) override;
  void note(const std::string& what);

  const std::string name_;
  const IpEndpoint host_;
  Simulation& simulation_;
  RunLog& log_;
  std::optional<Result<void>> finished_;
  std::vector<Error> refused_;
  size_t playouts_ = 0;
  RecordingSink sink_;
  MovableSocket socket_;
  UsrsctpTransport transport_;
  ClientSession session_;
};

}  // namespace mayfly
