#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "core/clock.h"
#include "core/timer.h"
#include "demux/frame_lookahead.h"
#include "demux/media_source.h"
#include "demux/playout_schedule.h"
#include "mux/ts_muxer.h"
#include "server/ts_options.h"
#include "transport/association.h"

namespace mayfly {

// What became of what one reader was to get.
struct TsFeedStats {
  uint64_t id = 0;  // counts the readers from 1
  std::string peer;
  std::string clip;
  Duration connected{};
  uint64_t turns = 0;  // of a loop, begun
  std::array<uint64_t, kFrameClassCount> frames{};
  uint64_t messages = 0;
  uint64_t bytes = 0;
  uint64_t abandoned = 0;  // messages that outlived their lifetime
};

// One clip on its way to one reader as MPEG-TS: frames are muxed when their decode time comes, and
// their packets cut into messages of whole packets, as many as fit one DATA chunk. There is no
// dialogue: the reader says nothing, so all there is to know of it is what its stack acknowledges.
//
// A reader that is slower than the clip is waited for. One that takes nothing at all is dropped.
class TsFeed final : private Association::Observer {
 public:
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void on_started(const TsFeed& feed) = 0;
    // Last call. `why.code` is Closed when all of the clip was taken, or the server went down.
    // Must not destroy the feed before the loop comes round.
    virtual void on_ended(const TsFeed& feed, const Error& why) = 0;
  };

  // The references must outlive the feed. It waits for open().
  TsFeed(uint64_t id, std::string clip, std::unique_ptr<Association> association,
         const Clock& clock, TimerFactory& timers, const TsFeedOptions& options,
         Observer& observer);
  ~TsFeed() override;
  TsFeed(const TsFeed&) = delete;
  TsFeed& operator=(const TsFeed&) = delete;

  // The clip, from its start; or why there is none, which ends the feed.
  void open(Result<std::unique_ptr<MediaSource>> source);
  // Gives up what waits, and shuts the association down.
  void end(const Error& why);

  // A stop is requested when the feed ends: nobody wants the clip any more.
  [[nodiscard]] std::stop_token unwanted() const { return unwanted_.get_token(); }

  [[nodiscard]] uint64_t id() const { return id_; }
  [[nodiscard]] TsFeedStats stats() const;

 private:
  enum class State : uint8_t { Opening, Running, Draining, Leaving, Ended };
  struct Waiting {
    Message message;
    SendOptions options;
  };

  // Association::Observer
  void on_connected() override {}
  void on_message(Message message) override;
  void on_message_abandoned(MessageId id, Abandonment what) override;
  void on_send_buffer_low() override { run(); }
  void on_closed(const Error& reason) override;

  void run();
  void read();
  void place(Frame frame);
  // Whether there may be more to do at once.
  [[nodiscard]] bool hand_over_next();
  void hand_over(const Frame& frame);
  // Whether nothing waits any more.
  [[nodiscard]] bool send_waiting();
  void source_ended();
  void drain();
  void tick();
  void check_progress();
  void give_up_waiting();
  void conclude(const Error& why);

  [[nodiscard]] size_t message_bytes() const;
  [[nodiscard]] Timestamp now() const { return clock_.now(); }

  const uint64_t id_;
  const std::string clip_;
  const Clock& clock_;
  const TsFeedOptions options_;
  Observer& observer_;
  const Timestamp began_;
  std::unique_ptr<Association> association_;
  State state_ = State::Opening;
  std::stop_source unwanted_;

  std::unique_ptr<MediaSource> source_;
  std::unique_ptr<TsMuxer> muxer_;
  PlayoutSchedule schedule_{Duration::zero()};
  FrameLookahead lookahead_;
  bool has_begun_ = false;
  bool source_is_over_ = false;
  bool turn_begins_ = false;
  Duration turn_shift_{};
  std::optional<Error> damage_;

  std::deque<Waiting> waiting_;      // of one frame, for which there was no room
  std::deque<MessageId> unsettled_;  // frames of which something may wait in front of the stack
  MessageId::Underlying next_id_ = 1;
  std::optional<Error> ending_;
  uint64_t most_taken_in_ = 0;
  Timestamp progress_at_;
  TsFeedStats stats_;

  std::unique_ptr<Timer> timer_;
  std::unique_ptr<Timer> tick_timer_;
  std::unique_ptr<Timer> goodbye_timer_;
};

}  // namespace mayfly
