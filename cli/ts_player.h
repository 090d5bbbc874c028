#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/keyboard.h"
#include "cli/player.h"
#include "client/ts_session.h"

namespace mayfly {

// `mayfly play sctp+ts://...`: plays what a stranger sends, and keeps the viewer informed. The
// sender takes no wishes, so the options that are wishes are refused. Everything happens inside
// run().
class TsPlayer final : private TsSession::Observer {
 public:
  explicit TsPlayer(PlayerOptions options);
  ~TsPlayer() override;

  // Fails when the options contradict each other, or ask the sender for something.
  [[nodiscard]] Result<void> check() const;
  // Until the stream is over, the viewer ends it, or something fails. What was played until then is
  // in stats() either way.
  [[nodiscard]] Result<void> run();
  // None when no association came about.
  [[nodiscard]] const std::optional<PlaybackStats>& stats() const { return stats_; }

 private:
  void resolve_next();
  void connect();
  void stop();
  void end(Result<void> how);
  void update_line();
  void say(const std::string& sentence);
  void on_key(Key key);
  void on_window_gone(const Error& why);

  void on_playing(const std::vector<Track>& tracks) override;
  void on_finished(const Result<void>& how) override;

  PlayerOptions options_;
  EventLoop loop_;
  Network network_;
  Resolver resolver_;
  std::vector<IpEndpoint> addresses_;
  size_t resolved_hosts_ = 0;
  std::unique_ptr<FrameSink> sink_;
  std::unique_ptr<TsSession> session_;
  std::unique_ptr<Keyboard> keyboard_;
  std::unique_ptr<Timer> line_timer_;
  std::unique_ptr<Timer> stop_timer_;
  LiveLine line_;
  bool has_played_ = false;
  std::optional<PlaybackStats> stats_;
  std::optional<Error> broken_;  // the window
  Result<void> outcome_;
};

}  // namespace mayfly
