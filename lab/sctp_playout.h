#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/client_session.h"
#include "client/counting_sink.h"
#include "client/frame_assembler.h"
#include "core/clock.h"
#include "core/timer.h"
#include "lab/clip_trace.h"
#include "lab/delivery_log.h"
#include "lab/row.h"
#include "server/server.h"
#include "telemetry/playback_stats.h"
#include "transport/transport.h"

namespace mayfly {

// Connecting and greeting take three round trips.
inline constexpr Duration kLongestStart = 30s;
// How long late frames are waited for, after the last deadline.
inline constexpr Duration kAfterwards = 5s;

// One clip, one server and one player, on whatever clock and network they are given; writes down
// when each frame was whole at the player, and what the server said of it.
class SctpPlayout final : private ServerObserver, private ClientSession::Observer {
 public:
  // All of it must outlive the playout.
  struct Stage {
    const ClipTrace& clip;
    Duration playout_delay;
    const SctpSettings& settings;
    const Clock& clock;
    TimerFactory& timers;
    DeliveryLog& log;
  };

  // `begun` is called when the playout begins: the first frame follows.
  SctpPlayout(const Stage& stage, std::unique_ptr<Listener> listener,
              std::unique_ptr<Association> player, std::function<void()> begun);
  SctpPlayout(const SctpPlayout&) = delete;
  SctpPlayout& operator=(const SctpPlayout&) = delete;

  void play();
  [[nodiscard]] std::optional<Timestamp> start() const { return start_; }
  // Nothing will arrive any more: all frames have, or the session has ended.
  [[nodiscard]] bool is_over() const { return whole_ == stage_.clip.size() || has_finished_; }
  // When late frames are no longer waited for.
  [[nodiscard]] Timestamp end() const;
  // Completes the log. What the player itself counted, strictly: without catching up.
  [[nodiscard]] PlaybackStats finish();

 private:
  [[nodiscard]] std::unique_ptr<Server> make_server(std::unique_ptr<Listener> listener);
  [[nodiscard]] std::unique_ptr<ClientSession> make_session(std::unique_ptr<Association> player);
  void see(const Message& message);
  void see_piece(ByteView bytes);
  void see_control(ByteView bytes);
  void end_with(const Error& why);

  void on_playing(const SessionStats& player) override;
  void on_player_joined(const SessionStats&) override {}
  void on_request_refused(const SessionStats&, const Error& why) override { end_with(why); }
  void on_player_left(const SessionStats& player, const Error& why) override;
  void on_player_turned_away(const std::string&, const Error& why) override { end_with(why); }
  void on_playing(const wire::Playing&) override {}
  void on_finished(const Result<void>& how) override;

  const Stage stage_;
  const std::function<void()> begun_;
  FrameAssembler assembler_;
  std::optional<Timestamp> start_;
  size_t whole_ = 0;  // frames
  bool has_finished_ = false;
  uint64_t chunks_retransmitted_ = 0;
  std::unique_ptr<Server> server_;
  CountingSink sink_;
  std::unique_ptr<ClientSession> session_;
};

}  // namespace mayfly
