#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/clock_relation.h"
#include "client/playback.h"
#include "client/session_options.h"
#include "core/clock.h"
#include "core/frame_sink.h"
#include "core/timer.h"
#include "transport/association.h"
#include "wire/control.h"

namespace mayfly {

// One player's session with a server: speaks the protocol of docs/WIRE_FORMAT.md over an
// association, and hands the frames to a sink at their time. It ends by itself when the clip is
// over, when the connection or the sink fails, or when stop() was called; then the sink has been
// finished, and on_finished() comes last.
//
// All calls and callbacks are on the loop's thread. Requests may be made at any time, from
// callbacks too; one that makes no sense in the present state does nothing.
class ClientSession final : private Association::Observer {
 public:
  enum class State : uint8_t {
    Connecting,
    Greeting,  // connected; no Welcome yet
    Ready,     // welcomed; nothing asked for
    Starting,  // a clip was asked for
    Playing,
    Paused,
    Draining,  // the server is gone; what was received is played to its end
    Stopping,  // waits for the last fates to be told
    Leaving,   // says goodbye
    Ended,
  };

  // Told what happens. None of these but on_finished() may destroy the session.
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void on_state(State state) { static_cast<void>(state); }
    // Answers list_clips(): all of it.
    virtual void on_catalogue(const std::vector<wire::CatalogueEntry>& clips) {
      static_cast<void>(clips);
    }
    // At each start: play, seek, and every turn of a loop.
    virtual void on_playing(const wire::Playing& playing) { static_cast<void>(playing); }
    // A request that could not be met; the session goes on.
    virtual void on_refused(const Error& why) { static_cast<void>(why); }
    // What happened to the association besides; see Association::Observer.
    virtual void on_transport_event(const TransportEvent& event) { static_cast<void>(event); }
    // Last call. No error: the clip was played to its end, or the session stopped on request.
    virtual void on_finished(const Result<void>& how) = 0;
  };

  // The association is new: on_connected() has not been called. The references must outlive the
  // session.
  ClientSession(std::unique_ptr<Association> association, const Clock& clock, TimerFactory& timers,
                FrameSink& sink, Observer& observer, ClientOptions options = {});
  ~ClientSession() override;
  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;

  // Before the server has answered the greeting, these wait for it. One clip in a session.
  void list_clips();
  void play(PlayRequest request);

  void pause();
  void resume();
  void seek(MediaTime position);
  // `lifetime` as in the config: "forever", "auto", "100ms", "2 retransmissions".
  void set_delivery(FrameClass frame_class, std::string lifetime);
  // Ends the playout and the session in good order. What was played is safe in the sink when this
  // returns; on_finished() follows. Called twice, it does not wait for the server any more.
  void stop();

  [[nodiscard]] State state() const { return state_; }
  // Whether there was ever an association with the server.
  [[nodiscard]] bool has_connected() const { return hello_sent_at_.has_value(); }
  // So far; final once the state is Leaving.
  [[nodiscard]] PlaybackStats stats() const;
  [[nodiscard]] AssociationStats transport_stats() const;
  [[nodiscard]] std::optional<MediaTime> position() const;
  [[nodiscard]] Duration buffer_level() const;
  // As announced last; none before the first. Its delivery follows set_delivery().
  [[nodiscard]] const std::optional<wire::Playing>& playing() const { return playing_; }

 private:
  // What the server has yet to answer, in the order it was asked.
  enum class Request : uint8_t { List, Play, Pause, Resume, Seek, SetDelivery };

  // Association::Observer
  void on_connected() override;
  void on_message(Message message) override;
  void on_message_abandoned(MessageId, Abandonment) override {}
  void on_send_buffer_low() override {}
  void on_event(const TransportEvent& event) override { observer_.on_transport_event(event); }
  void on_closed(const Error& reason) override;

  void on_control(ByteView bytes);
  void on_piece(ByteView bytes);
  void receive(const wire::Welcome& welcome);
  void receive(const wire::Catalogue& catalogue);
  void receive(const wire::Playing& playing);
  void receive(const wire::Paused& paused);
  void receive(const wire::Resumed& resumed);
  void receive(const wire::SenderReport& report);
  void receive(const wire::EndOfClip& end);
  void receive(const wire::Refused& refused);
  void receive(const wire::Bye& bye);
  // The others are for servers.
  template <class PlayersMessage>
  void receive(const PlayersMessage& message);

  void send(const wire::ControlMessage& message);
  void ask(Request request, const wire::ControlMessage& message);
  // The server answered a request of this kind.
  void answered(Request request);
  [[nodiscard]] bool is_unanswered(Request request) const;
  // The seek that was asked for last, once those before it are answered.
  void seek_on();
  void send_waiting_requests();
  void report();

  void enter(State state);
  // Plays whatever is due, and sets the timer for what comes next.
  void advance();
  [[nodiscard]] Result<void> act(PlaybackStep& step);
  [[nodiscard]] bool has_ended(Timestamp now) const;
  [[nodiscard]] bool is_under_way() const;  // a clip plays, or stands paused
  // Makes the sink and the state agree with whether the playback is paused.
  void follow_pause();
  // The server is gone, for this reason: plays what was received, then ends with it.
  void lose(Error reason);
  void refuse_garbage(const std::string& what);
  // Finishes the sink, says goodbye, ends.
  void leave(Result<void> how);
  [[nodiscard]] Result<void> finish_sink();
  void finish();
  void on_deadline();
  [[nodiscard]] PlaybackStats with_transport(PlaybackStats stats) const;

  [[nodiscard]] Duration session_time() const { return clock_.now() - began_; }
  std::unique_ptr<Association> association_;  // null once it is closed
  const Clock& clock_;
  FrameSink& sink_;
  Observer& observer_;
  const ClientOptions options_;
  const Timestamp began_;
  const std::string peer_;

  State state_ = State::Connecting;
  ClockRelation clocks_;
  std::optional<PlayRequest> wanted_;
  bool list_wanted_ = false;
  std::optional<Duration> hello_sent_at_;
  std::deque<Request> unanswered_;
  std::optional<MediaTime> next_seek_;
  std::vector<wire::CatalogueEntry> catalogue_;
  std::optional<wire::Playing> playing_;
  std::unique_ptr<Playback> playback_;  // once the clip was asked for
  bool sink_started_ = false;
  bool was_stopped_ = false;

  std::optional<Error> lost_;
  Result<void> outcome_;
  std::optional<PlaybackStats> final_stats_;
  AssociationStats last_transport_;  // when the association is gone
  Timestamp drained_at_{};           // when Draining ends at the latest

  std::unique_ptr<Timer> playout_timer_;
  std::unique_ptr<Timer> report_timer_;
  std::unique_ptr<Timer> deadline_timer_;  // for whatever the state waits for
};

[[nodiscard]] std::string_view to_string(ClientSession::State state);  // "playing"

}  // namespace mayfly
