#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/keyboard.h"
#include "cli/network.h"
#include "client/client_session.h"
#include "client/url.h"
#include "config/play_config.h"
#include "core/frame_sink.h"
#include "runtime/event_loop.h"
#include "runtime/resolver.h"
#include "telemetry/live_line.h"
#include "telemetry/log_limiter.h"

namespace mayfly {

struct PlayerOptions {
  ClipUrl url;
  PlayConfig config;
  std::optional<PathModel> impairment;
  MediaTime position{};
  std::optional<Duration> stop_after;                         // none: at the clip's end
  std::vector<std::pair<FrameClass, std::string>> lifetimes;  // asked for when it plays
  bool quiet = false;                                         // no live line
};

// `mayfly play`: finds the server, plays one clip from it, and keeps the viewer informed.
// Everything happens inside run().
class Player final : private ClientSession::Observer {
 public:
  explicit Player(PlayerOptions options);
  ~Player() override;

  // Fails when the options contradict each other.
  [[nodiscard]] Result<void> check() const;
  // Until the clip is over, the viewer ends it, or something fails. What was played until then is
  // in stats() either way.
  [[nodiscard]] Result<void> run();
  // None when no session came about; without a clip's name when it did not come to playing.
  [[nodiscard]] const std::optional<PlaybackStats>& stats() const { return stats_; }
  // What the server offers, when the URL named no clip.
  [[nodiscard]] const std::vector<wire::CatalogueEntry>& clips() const { return clips_; }

 private:
  [[nodiscard]] Result<void> make_sink();
  void resolve_next();
  void connect();
  // SCTP over UDP knows one address of the server; a name may have several, of which only the
  // second leads there. False when there is none left to try.
  [[nodiscard]] bool connect_to_next();
  void stop();
  void end(Result<void> how);
  void update_line();
  void say(const std::string& sentence);
  void on_key(Key key);
  void on_window_gone(const Error& why);

  void on_catalogue(const std::vector<wire::CatalogueEntry>& clips) override;
  void on_playing(const wire::Playing& playing) override;
  void on_refused(const Error& why) override;
  void on_transport_event(const TransportEvent& event) override;
  void on_finished(const Result<void>& how) override;

  PlayerOptions options_;
  EventLoop loop_;
  Network network_;
  Resolver resolver_;
  std::vector<IpEndpoint> addresses_;
  size_t resolved_hosts_ = 0;
  bool is_stopping_ = false;
  std::optional<MediaTime> sought_;  // by the keys, until the server has answered
  std::unique_ptr<FrameSink> sink_;
  std::unique_ptr<ClientSession> session_;
  std::unique_ptr<Keyboard> keyboard_;
  std::unique_ptr<Timer> line_timer_;
  std::unique_ptr<Timer> stop_timer_;
  LiveLine line_;
  LogLimiter path_lines_;
  std::vector<wire::CatalogueEntry> clips_;
  std::optional<PlaybackStats> stats_;
  std::optional<Error> broken_;  // the window, or the clip
  Result<void> outcome_;
};

}  // namespace mayfly
