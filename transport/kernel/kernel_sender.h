#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/result.h"
#include "core/units.h"
#include "transport/abandonment_ledger.h"
#include "transport/kernel/association_socket.h"
#include "transport/kernel/stack_backlog.h"
#include "transport/message.h"
#include "transport/send_queue.h"
#include "transport/transport_options.h"

namespace mayfly {

// The sending half of an association: our queue, and how it is fed to the kernel. The kernel gets
// only what it can soon put on the wire, so that what waits can still expire, be overtaken or be
// abandoned.
class KernelSender {
 public:
  // `socket` is used by pump(), wait_for_room() and on_sender_dry() only.
  KernelSender(AssociationSocket& socket, const TransportOptions& options);

  // See SendQueue.
  [[nodiscard]] Result<void> push(Message message, const SendOptions& options, Timestamp now);
  void abandon(MessageId id) { queue_.abandon(id); }
  void abandon_all() { queue_.abandon_all(); }
  void expire(Timestamp now) { queue_.expire(now); }

  // Messages interleave from now on (RFC 8260): what the kernel holds of less urgent streams does
  // not go before a message any more.
  void set_interleaving(bool interleaving) { interleaving_ = interleaving; }

  // Hands messages over while the kernel has room for them. `chunk_payload_bytes`: how it cuts.
  void pump(Timestamp now, size_t chunk_payload_bytes);
  // Whether the last pump() found no room for the message whose turn it still is. Only what the
  // kernel tells, or time, changes that: a frame of a thousand pieces need not ask a thousand
  // times.
  [[nodiscard]] bool is_blocked(Timestamp now) {
    return blocked_on_ != nullptr && queue_.front(now) == blocked_on_;
  }
  // Whether the socket will become writable when the next chunk is acknowledged; if not, ask again
  // after a while. Until the next pump() the socket refuses messages. A shared socket cannot tell.
  [[nodiscard]] bool wait_for_room();

  void on_chunk_abandoned(const ChunkAbandoned& chunk);
  void on_sender_dry();

  // The messages abandoned since the last call that waited here, and those the kernel gave up, to
  // be asked for when it has told all.
  [[nodiscard]] std::vector<AbandonedMessage> take_abandoned() { return queue_.take_abandoned(); }
  [[nodiscard]] std::vector<AbandonedMessage> take_failed();
  [[nodiscard]] bool take_low() { return queue_.take_low(); }

  [[nodiscard]] bool is_drained() const { return queue_.empty(); }
  [[nodiscard]] size_t free_bytes() const { return queue_.free_bytes(); }
  [[nodiscard]] size_t room_for(const SendOptions& options) const {
    return queue_.room_for(options.discard_priority);
  }
  [[nodiscard]] size_t queued_bytes() const { return queue_.queued_bytes(); }
  [[nodiscard]] uint64_t refused() const { return queue_.refused(); }
  [[nodiscard]] size_t unsent_bytes() const { return backlog_.unsent_bytes(); }

 private:
  [[nodiscard]] bool stack_has_room(const OutgoingMessage& next);
  [[nodiscard]] Priority urgency_of(const OutgoingMessage& next) const;
  // Hands over the message whose turn it is. Whether another may follow.
  [[nodiscard]] bool hand_over(const OutgoingMessage& next, size_t chunk_payload_bytes);
  void apply_priority(const OutgoingMessage& next);

  AssociationSocket& socket_;
  const size_t send_buffer_bytes_;
  const size_t backlog_limit_bytes_;
  SendQueue queue_;
  AbandonmentLedger ledger_;
  StackBacklog backlog_;
  std::map<StreamId, Priority> applied_priorities_;
  std::vector<AbandonedMessage> refused_by_stack_;
  const OutgoingMessage* blocked_on_ = nullptr;  // compared, never looked into
  bool send_buffer_lowered_ = false;
  bool interleaving_ = false;
};

}  // namespace mayfly
