#include "transport/kernel/kernel_sender.h"

#include <netinet/sctp.h>

#include <utility>

#include "transport/kernel/kernel_stats.h"
#include "transport/kernel/socket_settings.h"

namespace mayfly {
namespace {

// The kernel does not let a send buffer be smaller than about half of this.
constexpr size_t kLeastSendMemory = 8 << 10;

}  // namespace

KernelSender::KernelSender(AssociationSocket& socket, const TransportOptions& options)
    : socket_(socket),
      send_buffer_bytes_(kernel_send_buffer_bytes(options)),
      backlog_limit_bytes_(options.stack_backlog_bytes),
      queue_(options.send_queue_bytes, options.send_queue_low_bytes) {}

Result<void> KernelSender::push(Message message, const SendOptions& options, Timestamp now) {
  return queue_.push(std::move(message), options, now);
}

void KernelSender::pump(Timestamp now, size_t chunk_payload_bytes) {
  if (std::exchange(send_buffer_lowered_, false))
    set_send_buffer(socket_.socket(), send_buffer_bytes_);
  const OutgoingMessage* next = queue_.front(now);
  while (next != nullptr && stack_has_room(*next) && hand_over(*next, chunk_payload_bytes)) {
    next = queue_.front(now);
  }
  blocked_on_ = next;
}

bool KernelSender::stack_has_room(const OutgoingMessage& next) {
  const Priority urgency = urgency_of(next);
  if (backlog_.unsent_bytes_before(urgency) < backlog_limit_bytes_) return true;
  if (const auto sent = chunks_sent(socket_)) backlog_.update(*sent);
  return backlog_.unsent_bytes_before(urgency) < backlog_limit_bytes_;
}

// Without interleaving the kernel ends a message before it begins another.
Priority KernelSender::urgency_of(const OutgoingMessage& next) const {
  return interleaving_ ? next.options.priority : Priority{0};
}

bool KernelSender::hand_over(const OutgoingMessage& next, size_t chunk_payload_bytes) {
  apply_priority(next);
  const uint32_t token = ledger_.handed_over(next.options.id, next.message.stream);
  switch (socket_.send(next.message, next.options, token)) {
    case SendOutcome::Taken:
      backlog_.handed_over(next.message.payload.size(), chunk_payload_bytes, urgency_of(next));
      queue_.pop();
      return true;
    case SendOutcome::Refused:
      // A stream that was promised before the peer said how many it takes.
      ledger_.take_back(token);
      refused_by_stack_.push_back({next.options.id, next.message.stream, Abandonment::Unsent});
      queue_.pop();
      return true;
    case SendOutcome::Full:
    case SendOutcome::Closed: ledger_.take_back(token); return false;
  }
  return false;
}

// The kernel's scheduler knows a priority of each stream, smaller first as well.
void KernelSender::apply_priority(const OutgoingMessage& next) {
  const auto [applied, is_new] = applied_priorities_.try_emplace(next.message.stream, 0);
  if (applied->second == next.options.priority) return;
  applied->second = next.options.priority;
  sctp_stream_value value{};
  value.stream_id = next.message.stream.value();
  value.stream_value = next.options.priority;
  static_cast<void>(socket_.set_option(SCTP_STREAM_SCHEDULER_VALUE, value));
}

// SCTP has no TCP_NOTSENT_LOWAT. But a socket is writable while its send buffer is larger than what
// the kernel holds: lowered to just that, it becomes writable when the first chunk is acknowledged.
bool KernelSender::wait_for_room() {
  const auto held = send_memory(socket_);
  if (!held || *held < kLeastSendMemory) return false;
  // The kernel doubles what it is told.
  set_send_buffer(socket_.socket(), (*held - 1) / 2);
  send_buffer_lowered_ = true;
  return true;
}

void KernelSender::on_chunk_abandoned(const ChunkAbandoned& chunk) {
  if (chunk.what == Abandonment::Unsent) backlog_.chunk_dropped();
  ledger_.chunk_abandoned(chunk.token, chunk.what);
}

void KernelSender::on_sender_dry() {
  // The event is old by now: more may have been handed over since.
  if (!holds_nothing(socket_)) return;
  if (const auto sent = chunks_sent(socket_)) backlog_.update(*sent);
  backlog_.clear();
  ledger_.settle();
}

std::vector<AbandonedMessage> KernelSender::take_failed() {
  std::vector<AbandonedMessage> failed = std::exchange(refused_by_stack_, {});
  for (const AbandonedMessage& each : ledger_.take_abandoned()) failed.push_back(each);
  return failed;
}

}  // namespace mayfly
