#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>

#include "core/frame.h"
#include "core/units.h"
#include "delivery/delivery_policy.h"
#include "server/fate_ledger.h"
#include "server/missing_references.h"
#include "transport/association.h"
#include "wire/frame_piece.h"

namespace mayfly {

struct FrameSenderOptions {
  // Kept free for control messages, which must not be lost for want of room.
  size_t control_reserve_bytes = 64 << 10;
  // Frames that may wait here for room in the send buffer, besides what waits in it.
  size_t most_waiting = 64;
  // Whether the rest of a group of pictures whose time is over is given up when the next I frame is
  // due. What the policy makes reliable is given up only for want of room, and never under a policy
  // that makes every class reliable.
  bool flush_stale_gops = true;
  // Whether a frame is given up that needs another which never left whole.
  bool drop_undecodable = true;

  friend bool operator==(const FrameSenderOptions&, const FrameSenderOptions&) = default;
};

// Carries out a delivery policy: turns each frame that is due into messages with the lifetime it
// deserves, whole or not at all, and gives up what nobody can use any more. Where each frame ends
// up stands in the ledger.
class FrameSender {
 public:
  struct DueFrame {
    Frame frame;
    Timestamp due{};
    Timestamp deadline{};  // complete at the player by then, or of no use
  };
  enum class Outcome {
    Taken,    // sent, waiting here, or given up
    Blocked,  // no room, and it must not be dropped: offer it again when there is
  };

  // `origin` is when the session began, which every time on the wire counts from. The association
  // and the ledger must outlive the sender.
  FrameSender(Association& association, FateLedger& ledger, DeliveryPolicy policy, Timestamp origin,
              const FrameSenderOptions& options = {});

  // `frame` is moved from only when it was taken.
  [[nodiscard]] Outcome offer(DueFrame& frame, wire::Epoch epoch, Timestamp now);
  // A frame that was due but will not be offered any more.
  void give_up(const DueFrame& frame, wire::Epoch epoch) { give_up_unsent(frame.frame, epoch); }
  // Sends what waits, as far as there is room and time. Call when the buffer is low, and every now
  // and then.
  void send_waiting(Timestamp now);
  // To be told of each abandoned message of a frame.
  void on_message_abandoned(MessageId id, Abandonment what, Timestamp now);
  // Gives up everything of which nothing was handed to the stack: after a seek or a stop.
  void give_up_everything();

  // From the next frame on.
  void set_policy(DeliveryPolicy policy) { policy_ = std::move(policy); }
  [[nodiscard]] const DeliveryPolicy& policy() const { return policy_; }
  void set_round_trip(Duration round_trip) { round_trip_ = round_trip; }

  [[nodiscard]] bool is_waiting() const { return !waiting_.empty(); }
  // Larger than the id of every frame so far.
  [[nodiscard]] MessageId next_id() const { return MessageId(next_id_); }

 private:
  struct Waiting {
    DueFrame due;
    wire::Epoch epoch;
  };
  struct Recent {
    MessageId id;
    wire::Epoch epoch;
    uint32_t gop = 0;
    Timestamp deadline{};
    bool reliable = false;
  };

  [[nodiscard]] bool never_drops() const;
  [[nodiscard]] bool fits(const Frame& frame) const;
  [[nodiscard]] size_t message_bytes(const Frame& frame) const;
  // None: no limit by age. Zero or less: its time is over.
  [[nodiscard]] std::optional<Duration> lifetime_of(const DueFrame& due, Timestamp now) const;
  void give_up_stale(const Frame& i_frame, wire::Epoch epoch, bool lacks_room, Timestamp now);
  void give_up_unsent(const Frame& frame, wire::Epoch epoch);
  // Whether nobody could use the frame any more, or ever.
  [[nodiscard]] bool is_useless(const DueFrame& due, wire::Epoch epoch, Timestamp now);
  void send(const DueFrame& due, wire::Epoch epoch, Timestamp now);
  void remember(const DueFrame& due, wire::Epoch epoch, MessageId id);

  Association& association_;
  FateLedger& ledger_;
  DeliveryPolicy policy_;
  const Timestamp origin_;
  const FrameSenderOptions options_;
  Duration round_trip_{};
  uint64_t next_id_ = 1;  // 0 is what control messages have
  std::deque<Waiting> waiting_;
  MissingReferences missing_;
  std::map<TrackId, std::deque<Recent>> recent_;  // what may still be given up
};

}  // namespace mayfly
