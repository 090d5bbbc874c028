#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "core/clock.h"
#include "core/timer.h"
#include "server/clip_catalogue.h"
#include "server/control_channel.h"
#include "server/fate_ledger.h"
#include "server/frame_sender.h"
#include "server/playout.h"
#include "server/server_options.h"
#include "server/session_stats.h"
#include "transport/association.h"
#include "wire/control.h"

namespace mayfly {

// Opens media without holding up the loop: `done` is called on the loop's thread, at once or later.
// Once a stop is requested by `unwanted` it may fail, with Closed, and what it gave may end.
using MediaOpening = std::function<void(Result<std::unique_ptr<MediaSource>>)>;
using AsyncMediaOpener =
    std::function<void(const MediaLocation&, std::stop_token unwanted, MediaOpening done)>;
// For openers that are quick.
[[nodiscard]] AsyncMediaOpener opening_at_once(MediaOpener open);

// One player: speaks the session protocol (docs/WIRE_FORMAT.md) over one association, and has one
// clip at a time on its way. What the player does, or fails to do, ends this session at worst.
class Session final : private Association::Observer, private Playout::Observer {
 public:
  // All of it must outlive the session.
  struct Surroundings {
    const Clock& clock;
    TimerFactory& timers;
    const ClipCatalogue& catalogue;
    const AsyncMediaOpener& open;
  };
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void on_greeted(const Session& session) = 0;
    // A playout began: a play, a seek or a turn of a loop.
    virtual void on_playing(const Session& session) = 0;
    // A request was refused, or a clip broke off. The session goes on.
    virtual void on_refused(const Session& session, const Error& why) = 0;
    // What happened to the association besides; see Association::Observer.
    virtual void on_transport_event(const Session& session, const TransportEvent& event) = 0;
    // Last call. The session must not be destroyed from inside it.
    virtual void on_ended(const Session& session, const Error& why) = 0;
  };

  // The association has just been accepted.
  Session(uint64_t id, std::unique_ptr<Association> association, const Surroundings& surroundings,
          const SessionOptions& options, Observer& observer);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Says Bye and shuts the association down, in good order when `why.code` is Closed. on_ended()
  // follows, soon even when the player does not answer.
  void end(const Error& why);

  [[nodiscard]] uint64_t id() const { return id_; }
  [[nodiscard]] std::string peer() const { return association_->peer(); }
  [[nodiscard]] SessionStats stats() const;

 private:
  // Association::Observer
  void on_connected() override;
  void on_message(Message message) override;
  void on_message_abandoned(MessageId id, Abandonment what) override;
  void on_send_buffer_low() override;
  void on_event(const TransportEvent& event) override;
  void on_closed(const Error& reason) override;
  // Playout::Observer
  [[nodiscard]] wire::Epoch next_epoch() override;
  void on_playing(wire::Epoch epoch, const PlayoutSchedule& schedule, MediaTime position) override;
  void on_source_ended(wire::Epoch epoch, std::optional<Error> damage) override;

  // What the player may say. Requests only servers make fall into the last.
  void obey(const wire::Hello& hello);
  void obey(const wire::CatalogueRequest& request);
  void obey(const wire::Play& play);
  void obey(const wire::Pause& pause);
  void obey(const wire::Resume& resume);
  void obey(const wire::Seek& seek);
  void obey(const wire::Stop& stop);
  void obey(const wire::SetDelivery& change);
  void obey(const wire::ReceiverReport& report);
  void obey(const wire::Bye& bye);
  template <class Other>
  void obey(const Other& other);

  // One clip at a time: a player that asks for another before the first is open waits for that one
  // to be given up.
  void open_wanted();
  void on_opened(Result<std::unique_ptr<MediaSource>> source);
  void begin_playout(const wire::Play& play, Result<std::unique_ptr<MediaSource>> source);
  void give_up_playout();
  void enter(SessionState state);

  void on_malformed(const std::string& what);
  [[nodiscard]] bool is_within_request_rate();
  void refuse(const Error& why);
  void send(const wire::ControlMessage& message);

  // Every report interval.
  void tick();
  void check_limits();
  void check_progress();
  void report();
  void settle_if_drained();
  // While the last frames are on their way: ends the clip once all fates were told.
  void drain();
  void on_goodbye_over();

  [[nodiscard]] Timestamp now() const { return surroundings_.clock.now(); }
  [[nodiscard]] Duration since_start() const { return now() - started_at_; }
  [[nodiscard]] std::vector<wire::ClassDelivery> delivery() const;

  const uint64_t id_;
  const Surroundings surroundings_;
  const SessionOptions options_;
  Session::Observer& observer_;
  const Timestamp started_at_;
  std::unique_ptr<Association> association_;
  ControlChannel control_;
  FateLedger ledger_;
  FrameSender sender_;

  SessionState state_ = SessionState::Greeting;
  Timestamp state_since_;
  std::string software_;
  std::optional<Error> ending_;  // why we or the player said Bye
  bool has_ended_ = false;

  std::unique_ptr<Playout> playout_;
  std::unique_ptr<Playout> retired_;         // stopped, perhaps from inside a call of its own
  std::optional<wire::Play> wanted_;         // asked for last, until it begins or is refused
  std::optional<std::stop_source> opening_;  // under way; perhaps of what was wanted before
  std::shared_ptr<bool> alive_;              // openings may answer after the session is gone
  std::string clip_;
  Duration playout_delay_{};
  std::optional<wire::Epoch> epoch_;  // announced last
  bool owes_end_ = false;             // of that epoch
  uint64_t epochs_ = 0;
  bool delivery_changed_ = false;

  Timestamp heard_at_;
  std::optional<wire::ReceiverReport> report_;
  Duration report_received_at_{};
  size_t malformed_ = 0;
  Timestamp rate_window_since_;
  uint32_t requests_in_window_ = 0;

  // Bytes the player took in, or that were given up, and when there were last more of them.
  uint64_t most_taken_in_ = 0;
  Timestamp progress_at_;
  std::optional<MessageId> drained_before_;  // seen once; settled when seen twice

  std::unique_ptr<Timer> tick_timer_;
  std::unique_ptr<Timer> drain_timer_;
  std::unique_ptr<Timer> goodbye_timer_;
};

}  // namespace mayfly
