#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/frame.h"
#include "core/units.h"
#include "transport/message.h"
#include "wire/control.h"

namespace mayfly {

// What became of the frames of one class at the sender, since the session began. The last three sum
// to `due`.
struct SenderClassStats {
  uint64_t due = 0;
  uint64_t sent = 0;  // handed over whole, and not given up since
  uint64_t abandoned_unsent = 0;
  uint64_t abandoned_sent = 0;
  uint64_t bytes = 0;  // of the frames handed over

  friend bool operator==(const SenderClassStats&, const SenderClassStats&) = default;
};

// Keeps the fate of every frame that was due until the player has been told, and gathers the fates
// of a frame's messages into the frame's: abandoned unsent when no message of it was ever on the
// wire, abandoned sent when some was and the frame is not whole. Told the time, never asks for it.
class FateLedger {
 public:
  // Fates of one epoch that are to be told.
  struct Telling {
    wire::Epoch epoch;
    std::vector<wire::FrameFate> fates;
  };

  // The frame was handed over as `messages` messages of this id, which rises from frame to frame.
  // Without `tell_after` it is told at once as sent, otherwise when that has passed: the moment
  // after which it cannot be given up for its age.
  void handed_over(MessageId id, wire::Epoch epoch, const Frame& frame, uint32_t messages,
                   std::optional<Timestamp> tell_after);
  // The frame was due and given up before anything of it was handed over.
  void never_sent(MessageId id, wire::Epoch epoch, const Frame& frame);
  // One of its messages was abandoned. True when that was news and the frame's other messages are
  // of no use any more.
  [[nodiscard]] bool message_abandoned(MessageId id, Abandonment what, Timestamp now);
  struct Open {
    wire::Epoch epoch;
    wire::FrameFate fate;
  };
  // As it stands; none when it is final or not known.
  [[nodiscard]] std::optional<Open> find(MessageId id) const;
  // Nothing with an id below this can change any more: all of it was acknowledged or given up.
  void settle_before(MessageId id);

  // What is known by now and was not told, at most `limit` fates, all of one epoch; none when there
  // is nothing. A fate that changed is told again.
  [[nodiscard]] Telling take(size_t limit, Timestamp now);
  // Whether every frame of the epoch has its last fate, and it was told.
  [[nodiscard]] bool is_settled(wire::Epoch epoch) const;

  // How many frames of each track of the epoch were due. Kept for the newest epochs only.
  [[nodiscard]] std::vector<std::pair<TrackId, uint32_t>> counts(wire::Epoch epoch) const;
  [[nodiscard]] const std::array<SenderClassStats, kFrameClassCount>& stats() const {
    return stats_;
  }

 private:
  struct Record {
    wire::Epoch epoch;
    wire::FrameFate fate;
    uint32_t messages = 0;
    uint32_t abandoned_unsent = 0;
    uint32_t abandoned_sent = 0;
    std::optional<Timestamp> final_at;  // of a frame that was sent; none: when all is acknowledged
    bool is_final = false;
    bool is_tellable = false;
    bool was_told = false;  // as it now stands
  };
  using Records = std::map<MessageId, Record>;

  Record& open(MessageId id, wire::Epoch epoch, const Frame& frame, wire::SenderFate fate);
  void decide(MessageId id, Record& record, wire::SenderFate fate);
  void make_tellable(MessageId id, Record& record);
  void look_at(Records::iterator found, Timestamp now);
  void run_agenda(Timestamp now);
  void close(Records::iterator record);
  void forget_oldest();

  Records records_;
  std::multimap<Timestamp, MessageId> agenda_;  // what to look at again, and when
  std::deque<MessageId> to_tell_;
  std::map<wire::Epoch, size_t> open_;  // records by epoch
  std::deque<std::pair<wire::Epoch, std::map<TrackId, uint32_t>>> counts_;
  std::array<SenderClassStats, kFrameClassCount> stats_;
};

}  // namespace mayfly
