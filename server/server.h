#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/server_options.h"
#include "server/session.h"
#include "transport/transport.h"

namespace mayfly {

// What the operator may want to read in a log.
class ServerObserver {
 public:
  virtual ~ServerObserver() = default;
  virtual void on_player_joined(const SessionStats& player) = 0;
  // A playout began: a play, a seek or a turn of a loop.
  virtual void on_playing(const SessionStats& player) = 0;
  // A request was refused, or a clip broke off; the session goes on.
  virtual void on_request_refused(const SessionStats& player, const Error& why) = 0;
  // `why.code` is Closed when it was in good order.
  virtual void on_player_left(const SessionStats& player, const Error& why) = 0;
  // What happened to a player's association; called as often as the network likes.
  virtual void on_transport_event(uint64_t player, const std::string& peer,
                                  const TransportEvent& event) {
    static_cast<void>(player);
    static_cast<void>(peer);
    static_cast<void>(event);
  }
  // Somebody was not let in.
  virtual void on_player_turned_away(const std::string& peer, const Error& why) = 0;
};

// Serves the clips of a catalogue to whoever connects, each player in a session of its own.
class Server final : private Session::Observer {
 public:
  // Listens from now on. Clock, timers and observer must outlive the server.
  Server(std::vector<std::unique_ptr<Listener>> listeners, ClipCatalogue catalogue,
         AsyncMediaOpener open, const Clock& clock, TimerFactory& timers, ServerObserver& observer,
         const ServerOptions& options = {});
  // Whoever is still connected is aborted.
  ~Server() override;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Says goodbye to every player and lets nobody in any more. `done` is called from the loop once
  // all have left or the limit has passed; those who have not by then are aborted. The server may
  // be destroyed from there. Asking again hurries: the limit passes now.
  void shut_down(const std::string& reason, std::function<void()> done);

  [[nodiscard]] std::vector<SessionStats> sessions() const;  // by id
  [[nodiscard]] size_t session_count() const { return sessions_.size(); }
  [[nodiscard]] const ClipCatalogue& catalogue() const { return catalogue_; }
  [[nodiscard]] std::vector<IpEndpoint> local() const;  // where it listens

 private:
  using Sessions = std::map<uint64_t, std::unique_ptr<Session>>;

  void accept(std::unique_ptr<Association> association);
  [[nodiscard]] std::unique_ptr<Session> make_session(std::unique_ptr<Association> association);

  void on_greeted(const Session& session) override;
  void on_playing(const Session& session) override;
  void on_refused(const Session& session, const Error& why) override;
  void on_transport_event(const Session& session, const TransportEvent& event) override;
  void on_ended(const Session& session, const Error& why) override;

  void bury();
  void finish();

  const ClipCatalogue catalogue_;
  const AsyncMediaOpener open_;
  const Clock& clock_;
  TimerFactory& timers_;
  ServerObserver& observer_;
  const ServerOptions options_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  uint64_t next_id_ = 1;
  Sessions sessions_;
  Sessions turned_away_;  // those who are being told that there is no room
  std::vector<std::unique_ptr<Session>> dead_;
  std::unique_ptr<Timer> burial_timer_;
  std::unique_ptr<Timer> goodbye_timer_;
  std::function<void()> done_;
  bool is_going_down_ = false;
};

}  // namespace mayfly
