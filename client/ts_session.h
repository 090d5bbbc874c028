#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/ts_playback.h"
#include "core/clock.h"
#include "core/frame_sink.h"
#include "core/timer.h"
#include "demux/byte_pipe.h"
#include "demux/media_source.h"
#include "demux/ts_scanner.h"
#include "transport/association.h"

namespace mayfly {

struct TsSessionOptions {
  TsPlaybackOptions playback;
  // Bytes that came and are not yet demuxed. More are left to the stack, which then lets the sender
  // wait: one that sends faster than it plays is held to the stream's own pace.
  size_t most_waiting_bytes = 2 << 20;
  // How long the first bytes may take, and those that tell the tracks to come on.
  Duration answer_limit = 10s;
  Duration farewell_limit = 4s;
};

// Plays an MPEG transport stream that a stranger, such as ffmpeg, sends over an association: one
// byte stream in messages cut anywhere, that ends with the association. Nothing is said to the
// sender; a player that holds still holds it up, for as long as the sender has patience.
//
// All calls and callbacks are on the loop's thread, and on_finished() comes last. The session must
// not be destroyed from on_playing().
class TsSession final : private Association::Observer {
 public:
  using Opened = std::function<void(Result<std::unique_ptr<MediaSource>>)>;
  // Makes a source of what comes through the pipe, on a thread of its own, and answers on the loop;
  // never after the session has cancelled the pipe and gone.
  using Opener = std::function<void(std::shared_ptr<BytePipe>, Opened)>;

  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void on_playing(const std::vector<Track>& tracks) = 0;
    // No error: the sender ended the stream in good order and all of it was played, or stop() was
    // called.
    virtual void on_finished(const Result<void>& how) = 0;
  };

  // The association is new. The references must outlive the session; `loop` runs the pipe's
  // callbacks.
  TsSession(std::unique_ptr<Association> association, const Clock& clock, TimerFactory& timers,
            Executor& loop, FrameSink& sink, Observer& observer, Opener open,
            const TsSessionOptions& options = {});
  ~TsSession() override;
  TsSession(const TsSession&) = delete;
  TsSession& operator=(const TsSession&) = delete;

  void pause();
  void resume();
  [[nodiscard]] bool is_paused() const { return playback_.is_paused(); }
  // What was played is safe in the sink when this returns. Called twice, it waits for nobody.
  void stop();

  [[nodiscard]] PlaybackStats stats() const;

 private:
  enum class State : uint8_t { Connecting, Opening, Playing, Leaving, Ended };

  // Association::Observer
  void on_connected() override;
  void on_message(Message message) override;
  void on_message_abandoned(MessageId, Abandonment) override {}
  void on_send_buffer_low() override {}
  void on_closed(const Error& reason) override;

  void on_opened(Result<std::unique_ptr<MediaSource>> source);
  void advance();
  void read();
  [[nodiscard]] bool play_next();
  [[nodiscard]] Result<void> outcome() const;
  [[nodiscard]] Error why_unreadable(const Error& why) const;
  void leave(Result<void> how);
  void finish();
  [[nodiscard]] Timestamp now() const { return clock_.now(); }

  const Clock& clock_;
  FrameSink& sink_;
  Observer& observer_;
  const TsSessionOptions options_;
  const std::string peer_;
  std::unique_ptr<Association> association_;
  State state_ = State::Connecting;

  TsScanner scanner_;
  TsPlayback playback_;
  std::shared_ptr<BytePipe> pipe_;
  Opener open_;
  std::unique_ptr<MediaSource> source_;
  bool source_is_over_ = false;
  bool sink_started_ = false;
  uint64_t bytes_received_ = 0;
  std::optional<Error> closed_;  // the association's end
  std::optional<Error> damage_;  // the stream's
  Result<void> how_;

  std::unique_ptr<Timer> timer_;
  std::unique_ptr<Timer> limit_timer_;  // of the first bytes, and of the farewell
  std::shared_ptr<bool> alive_;         // the opener may answer after the session is gone
};

}  // namespace mayfly
