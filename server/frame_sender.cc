#include "server/frame_sender.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "core/check.h"

namespace mayfly {
namespace {

// What the header of a piece, and once per frame its description, take at most: 19 fields and
// kMaxReferences numbers. Only an estimate of room; the pieces themselves are exact.
constexpr size_t kPieceOverhead = 16;
constexpr size_t kDescriptionOverhead = 128;
// cut_into_pieces() does not go below.
constexpr size_t kSmallestPiece = 256;
// Per track. More than any buffer in front of a stack holds of frames that matter.
constexpr size_t kMostRecent = 1024;

[[nodiscard]] bool is_reliable(const Delivery& delivery) {
  return std::holds_alternative<Forever>(delivery.lifetime);
}

// What RFC 7496 calls the policy of a class, but for its lifetime, which depends on the frame.
[[nodiscard]] SendOptions reliability_of(const Delivery& delivery) {
  SendOptions options{.ordered = delivery.ordered, .priority = delivery.priority};
  if (const auto* limit = std::get_if<Retransmissions>(&delivery.lifetime)) {
    options.max_retransmissions = limit->limit;
  } else if (const auto* priority = std::get_if<DiscardPriority>(&delivery.lifetime)) {
    options.discard_priority = priority->value;
  }
  return options;
}

}  // namespace

FrameSender::FrameSender(Association& association, FateLedger& ledger, DeliveryPolicy policy,
                         Timestamp origin, const FrameSenderOptions& options)
    : association_(association),
      ledger_(ledger),
      policy_(std::move(policy)),
      origin_(origin),
      options_(options) {}

bool FrameSender::never_drops() const {
  return std::all_of(policy_.classes.begin(), policy_.classes.end(), is_reliable);
}

size_t FrameSender::message_bytes(const Frame& frame) const {
  const size_t whole = frame.bytes() + kPieceOverhead + kDescriptionOverhead;
  const size_t most = association_.max_message_bytes();
  const size_t chunk = association_.max_chunk_payload_bytes();
  switch (policy_.for_class(frame.frame_class).message) {
    case MessageForm::Pieces: return std::max(kSmallestPiece, std::min(chunk, most));
    case MessageForm::Frame: return std::max(kSmallestPiece, std::min(whole, most));
  }
  return chunk;
}

bool FrameSender::fits(const Frame& frame) const {
  const size_t free =
      association_.send_buffer_room(reliability_of(policy_.for_class(frame.frame_class)));
  const size_t pieces = frame.bytes() / (message_bytes(frame) - kPieceOverhead) + 2;
  const size_t needed = frame.bytes() + pieces * kPieceOverhead + kDescriptionOverhead;
  return free >= options_.control_reserve_bytes && free - options_.control_reserve_bytes >= needed;
}

std::optional<Duration> FrameSender::lifetime_of(const DueFrame& due, Timestamp now) const {
  const Lifetime& lifetime = policy_.for_class(due.frame.frame_class).lifetime;
  if (std::holds_alternative<UntilDeadline>(lifetime)) {
    // A frame that leaves later than this is not there in time even if nothing is lost.
    return due.deadline - round_trip_ / 2 - now;
  }
  if (const auto* duration = std::get_if<Duration>(&lifetime)) return due.due + *duration - now;
  return std::nullopt;
}

FrameSender::Outcome FrameSender::offer(DueFrame& due, wire::Epoch epoch, Timestamp now) {
  send_waiting(now);
  const bool is_i = due.frame.frame_class == FrameClass::I;
  if (is_i && options_.flush_stale_gops && !never_drops()) {
    const bool lacks_room = !waiting_.empty() || !fits(due.frame);
    give_up_stale(due.frame, epoch, lacks_room, now);
  }
  if (is_useless(due, epoch, now)) {
    give_up_unsent(due.frame, epoch);
    return Outcome::Taken;
  }
  const bool may_wait = is_i || is_reliable(policy_.for_class(due.frame.frame_class));
  // What waits goes first among those that may wait, so that a reliable stream keeps its order.
  if ((waiting_.empty() || !may_wait) && fits(due.frame)) {
    send(due, epoch, now);
    return Outcome::Taken;
  }
  if (!may_wait) {
    give_up_unsent(due.frame, epoch);
    return Outcome::Taken;
  }
  if (waiting_.size() >= (never_drops() ? 1 : options_.most_waiting)) return Outcome::Blocked;
  waiting_.push_back({std::move(due), epoch});
  send_waiting(now);  // what can never fit is given up at once
  return Outcome::Taken;
}

bool FrameSender::is_useless(const DueFrame& due, wire::Epoch epoch, Timestamp now) {
  // Asked in any case: the frames after it may need it.
  const bool lacks_reference = missing_.strike(epoch, due.frame);
  if (lacks_reference && options_.drop_undecodable) return true;
  if (due.frame.bytes() > wire::kMaxFrameBytes) return true;
  const auto lifetime = lifetime_of(due, now);
  return lifetime && *lifetime <= Duration::zero();
}

void FrameSender::send_waiting(Timestamp now) {
  while (!waiting_.empty()) {
    Waiting& next = waiting_.front();
    const auto lifetime = lifetime_of(next.due, now);
    const bool is_over = lifetime && *lifetime <= Duration::zero();
    // Larger than the whole buffer: it would wait forever.
    const bool never_fits = association_.buffered_bytes() == 0 && !fits(next.due.frame);
    if (is_over || never_fits) {
      give_up_unsent(next.due.frame, next.epoch);
    } else if (fits(next.due.frame)) {
      send(next.due, next.epoch, now);
    } else {
      return;
    }
    waiting_.pop_front();
  }
}

// A group of pictures is stale when the next begins: the player will go on from there. What of it
// still waits past its deadline delays the new I frame for nothing, unless it was promised to
// arrive; and when there is no room for the new one, what is older than it makes some, promised or
// not.
void FrameSender::give_up_stale(const Frame& i_frame, wire::Epoch epoch, bool lacks_room,
                                Timestamp now) {
  const auto is_stale = [&](wire::Epoch its_epoch, uint32_t gop, Timestamp deadline,
                            bool reliable) {
    const bool is_older = its_epoch != epoch || gop < i_frame.gop;
    return is_older && (lacks_room || (deadline <= now && !reliable));
  };
  std::erase_if(recent_[i_frame.track], [&](const Recent& each) {
    if (!is_stale(each.epoch, each.gop, each.deadline, each.reliable)) return false;
    association_.abandon(each.id);
    return true;
  });
  std::erase_if(waiting_, [&](const Waiting& each) {
    const Frame& frame = each.due.frame;
    const bool reliable = is_reliable(policy_.for_class(frame.frame_class));
    if (frame.track != i_frame.track ||
        !is_stale(each.epoch, frame.gop, each.due.deadline, reliable)) {
      return false;
    }
    give_up_unsent(frame, each.epoch);
    return true;
  });
}

void FrameSender::give_up_unsent(const Frame& frame, wire::Epoch epoch) {
  missing_.add(epoch, frame.track, frame.number);
  ledger_.never_sent(MessageId(next_id_++), epoch, frame);
}

void FrameSender::send(const DueFrame& due, wire::Epoch epoch, Timestamp now) {
  const Frame& frame = due.frame;
  const Delivery& delivery = policy_.for_class(frame.frame_class);
  const MessageId id(next_id_++);
  SendOptions options = reliability_of(delivery);
  options.lifetime = lifetime_of(due, now);
  options.id = id;
  // A peer may grant fewer streams than the policy knows; the last one takes what is beyond.
  const uint16_t last_stream = static_cast<uint16_t>(association_.outgoing_streams() - 1);
  const StreamId stream(std::min(delivery.stream.value(), last_stream));
  auto pieces = wire::cut_into_pieces(frame, epoch, now - origin_, message_bytes(frame));
  std::optional<Timestamp> tell_after;
  if (options.lifetime) tell_after = now + *options.lifetime;

  ledger_.handed_over(id, epoch, frame, static_cast<uint32_t>(pieces.size()), tell_after);
  for (size_t i = 0; i < pieces.size(); ++i) {
    const auto sent = association_.send({stream, wire::kFramePpid, std::move(pieces[i])}, options);
    if (sent) continue;
    // Room was asked for first, so this is an association that closes. The pieces not taken count
    // as given up unsent; those taken are.
    association_.abandon(id);
    for (; i < pieces.size(); ++i) {
      static_cast<void>(ledger_.message_abandoned(id, Abandonment::Unsent, now));
    }
    return;
  }
  remember(due, epoch, id);
}

void FrameSender::remember(const DueFrame& due, wire::Epoch epoch, MessageId id) {
  std::deque<Recent>& recent = recent_[due.frame.track];
  const bool reliable = is_reliable(policy_.for_class(due.frame.frame_class));
  recent.push_back({id, epoch, due.frame.gop, due.deadline, reliable});
  if (recent.size() > kMostRecent) recent.pop_front();
}

void FrameSender::on_message_abandoned(MessageId id, Abandonment what, Timestamp now) {
  const auto open = ledger_.find(id);
  if (open && what == Abandonment::Unsent) {
    missing_.add(open->epoch, open->fate.track, open->fate.number);
  }
  if (ledger_.message_abandoned(id, what, now)) association_.abandon(id);
}

void FrameSender::give_up_everything() {
  for (auto& [track, recent] : recent_) {
    for (const Recent& each : recent) association_.abandon(each.id);
  }
  recent_.clear();
  for (const Waiting& each : waiting_) give_up_unsent(each.due.frame, each.epoch);
  waiting_.clear();
}

}  // namespace mayfly
