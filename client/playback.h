#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "client/clock_relation.h"
#include "client/epoch_ledger.h"
#include "client/frame_assembler.h"
#include "client/freeze_detector.h"
#include "client/playout_buffer.h"
#include "client/playout_timeline.h"
#include "telemetry/playback_stats.h"
#include "wire/control.h"
#include "wire/frame_piece.h"

namespace mayfly {

struct PlaybackOptions {
  FrameAssemblerOptions assembler;
  PlayoutBufferOptions playout;
  // Of whole frames that came before their epoch was announced; more are not kept. A playout delay
  // of ten seconds at 50 Mbit/s.
  size_t max_early_bytes = size_t{64} << 20;
  // The clocks must disagree with the timeline by this much before it is moved: less is not seen.
  Duration clock_tolerance = 1ms;
};

// The next frames come from another place in the clip.
struct Jump {};
using PlaybackStep = std::variant<Wait, Play, Jump>;

// How a new epoch relates to the one that plays.
enum class Beginning : uint8_t {
  AtOnce,  // play and seek: what is not yet played is thrown away
  InTurn,  // a loop's next turn: what is not yet played comes first
};

// The media side of a session: from frame pieces to frames at their time, over all epochs, and the
// books of what became of them. Told what arrives and what the time is; asked what to do.
class Playback {
 public:
  // `asked_at` is when the clip was asked for. The clocks are borrowed; tell clocks_changed().
  Playback(PlaybackOptions options, const ClockRelation& clocks, Timestamp asked_at);
  ~Playback();
  Playback(const Playback&) = delete;
  Playback& operator=(const Playback&) = delete;

  // What the server tells. A pause goes on over announcements. Epochs that are over, or were never
  // announced, are passed over. The clocks must be known by the first announcement.
  void announce(const wire::Playing& playing, Beginning beginning, Timestamp now);
  void take(const wire::FramePiece& piece, Timestamp now);
  void on_report(const wire::SenderReport& report);
  void on_paused(const wire::Paused& paused, Timestamp now);
  void on_resumed(const wire::Resumed& resumed, Timestamp now);
  void on_end(const wire::EndOfClip& end);
  void clocks_changed();

  // The picture stands still from here, whatever the server still sends; it corrects the times when
  // it obeys. Pausing twice changes nothing.
  void pause(Timestamp now);
  void resume(Timestamp now);
  [[nodiscard]] bool is_paused() const { return paused_at_.has_value(); }
  // Nothing more is to be played: the rest is given up.
  void cut_short(Timestamp now);

  // What to do now; call again until it says Wait.
  [[nodiscard]] PlaybackStep next(Timestamp now);
  // Everything up to the end the server told was played, or its deadline has passed.
  [[nodiscard]] bool is_over(Timestamp now) const;
  [[nodiscard]] bool end_is_known() const;
  // When nothing of what is known of can be due any more; none when nothing is.
  [[nodiscard]] std::optional<Timestamp> last_deadline() const;

  // Forgets what cannot matter any more. To be called every report interval.
  void tidy(Timestamp now);
  // Counts since the epoch began; the one-way delay since the report before. None before the first
  // epoch.
  [[nodiscard]] std::optional<wire::ReceiverReport> report(Timestamp now);
  // So far: frames whose deadline has passed.
  [[nodiscard]] PlaybackStats stats(Timestamp now) const;
  // At the end: all frames known of. Nothing may be played after.
  [[nodiscard]] PlaybackStats final_stats(Timestamp now);
  [[nodiscard]] std::optional<MediaTime> position(Timestamp now) const;
  [[nodiscard]] Duration buffer_level() const;
  // No frame waits to be played.
  [[nodiscard]] bool is_empty() const;

 private:
  struct Epoch;

  // A clip of a few pictures turns its loop often; the books of so many turns are kept open.
  static constexpr size_t kMaxClosingEpochs = 32;

  [[nodiscard]] Epoch* find(wire::Epoch epoch) const;
  void insert(AssembledFrame frame);
  void take_early_frames();
  void close_front(Timestamp now, bool at_once);
  void note_played(const Play& play, Timestamp now);
  [[nodiscard]] PlaybackStats stats_of(const Tally& tally) const;

  PlaybackOptions options_;
  const ClockRelation& clocks_;
  Timestamp asked_at_;
  FrameAssembler assembler_;
  std::deque<std::unique_ptr<Epoch>> epochs_;   // the front one plays
  std::deque<std::unique_ptr<Epoch>> closing_;  // over, but their last fates may still be told
  std::optional<wire::Epoch> newest_;
  std::vector<AssembledFrame> early_;
  size_t early_bytes_ = 0;
  std::optional<Timestamp> paused_at_;
  bool jump_pending_ = false;
  bool has_played_ = false;

  Tally totals_;  // of epochs that are closed
  FreezeDetector freezes_;
  std::optional<Duration> startup_;
  Duration played_{};
  std::optional<Duration> least_delay_;
  std::optional<Duration> delay_before_;
};

}  // namespace mayfly
