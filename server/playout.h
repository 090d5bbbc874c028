#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/timer.h"
#include "demux/frame_lookahead.h"
#include "demux/media_source.h"
#include "demux/playout_schedule.h"
#include "server/frame_sender.h"

namespace mayfly {

struct PlayoutOptions {
  // Frames are handed over this much before their decode time.
  Duration lead = 0ms;
  // A live input's frames may come this much after they were due before the timeline gives way.
  Duration most_live_lag = 200ms;
  PlayoutScheduleOptions schedule;
  FrameLookaheadOptions lookahead;

  friend bool operator==(const PlayoutOptions&, const PlayoutOptions&) = default;
};

// One clip on its way to one player: reads its source, and hands each frame to the sender when it
// is due. Every start (play, seek, turn of a loop) is an epoch.
class Playout {
 public:
  class Observer {
   public:
    virtual ~Observer() = default;
    // Names the next epoch.
    [[nodiscard]] virtual wire::Epoch next_epoch() = 0;
    // The first frame of `epoch` follows. Not called before a source has given a frame. The playout
    // may be stopped from here, but not destroyed.
    virtual void on_playing(wire::Epoch epoch, const PlayoutSchedule& schedule,
                            MediaTime position) = 0;
    // Every frame was handed over or given up; nothing more comes before a seek. `damage` says why,
    // when it was not the clip's end. The playout may be destroyed from here.
    virtual void on_source_ended(wire::Epoch epoch, std::optional<Error> damage) = 0;
  };
  struct Start {
    std::optional<MediaTime> position;  // none: where the source stands
    Duration playout_delay{};
    bool loop = false;
  };

  // All references must outlive the playout.
  Playout(std::unique_ptr<MediaSource> source, FrameSender& sender, Observer& observer,
          const Clock& clock, TimerFactory& timers, const PlayoutOptions& options = {});
  ~Playout();
  Playout(const Playout&) = delete;
  Playout& operator=(const Playout&) = delete;

  // Fails as MediaSource::seek() does; then nothing has begun.
  [[nodiscard]] Result<void> start(const Start& start);
  // Goes on in a new epoch, also after the end; stays paused if it was. When it fails the playout
  // goes on as if nothing had been asked. A source that reads ahead fails later: then the epoch
  // ends with that error before it was announced.
  [[nodiscard]] Result<void> seek(MediaTime position);
  void pause();
  void resume();
  // Gives up what is not on its way yet. Nothing more is handed over until a seek.
  void stop();
  // There is room again for frames that were blocked.
  void on_room();

  [[nodiscard]] bool is_paused() const { return is_paused_; }
  // Whether the epoch is a loop's next turn, which nobody asked for.
  [[nodiscard]] bool is_next_turn() const { return begin_at_.has_value(); }
  [[nodiscard]] const MediaSource& source() const { return *source_; }
  // Decode time of the frame handed over last; none before the first.
  [[nodiscard]] std::optional<MediaTime> position() const { return position_; }

 private:
  enum class State { Idle, Starting, Running, Ended };

  void begin_epoch(std::optional<Timestamp> at);
  void run();
  // Reads ahead as far as the source gives and the lookahead takes.
  void read();
  void place(Frame frame);
  // Whether the epoch could be announced.
  [[nodiscard]] bool announce();
  // Whether there may be more to do at once.
  [[nodiscard]] bool hand_over_next();
  [[nodiscard]] bool offer_refused();
  void end_or_turn();
  void end();
  void wake_at(Timestamp when);

  std::unique_ptr<MediaSource> source_;
  FrameSender& sender_;
  Observer& observer_;
  const Clock& clock_;
  const PlayoutOptions options_;
  std::unique_ptr<Timer> timer_;

  State state_ = State::Idle;
  bool loop_ = false;
  bool is_paused_ = false;
  bool is_blocked_ = false;
  bool source_was_dry_ = false;  // it said NotYet since the last frame
  bool source_is_over_ = false;
  std::optional<Error> damage_;
  Duration playout_delay_{};
  wire::Epoch epoch_;
  std::optional<Timestamp> begin_at_;  // of the epoch that starts; none: as soon as it can
  std::optional<PlayoutSchedule> schedule_;
  FrameLookahead lookahead_;
  std::optional<FrameSender::DueFrame> refused_;  // by the sender, to be offered again
  std::optional<MediaTime> position_;
};

}  // namespace mayfly
