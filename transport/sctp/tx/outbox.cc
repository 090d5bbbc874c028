#include "transport/sctp/tx/outbox.h"

#include <algorithm>

#include "core/check.h"

namespace mayfly::sctp {

Outbox::Outbox(const OutboxOptions& options)
    : options_(options), queue_(options.limit_bytes, options.low_bytes) {}

void Outbox::negotiated(bool interleave, size_t max_begun_bytes) {
  MAYFLY_CHECK(begun_.empty());
  options_.interleave = interleave;
  options_.max_begun_bytes = max_begun_bytes;
}

std::optional<Outbox::Next> Outbox::next(Timestamp now) {
  const OutgoingMessage* const waiting = queue_.front(now);
  Begun chosen = choose(waiting);
  if (chosen == nullptr && waiting == nullptr) return std::nullopt;
  const size_t left = chosen ? chosen->message.payload.size() - chosen->bytes_taken
                             : waiting->message.payload.size();
  return Next{std::min(left, options_.max_fragment_bytes), std::move(chosen)};
}

Outbox::Begun Outbox::choose(const OutgoingMessage* waiting) const {
  if (begun_.empty()) return nullptr;
  const Begun& urgent = *std::min_element(
      begun_.begin(), begun_.end(),
      [](const Begun& left, const Begun& right) { return left->priority < right->priority; });
  // RFC 9260 6.9: without interleaving the fragments of a message follow each other.
  if (!options_.interleave || waiting == nullptr) return urgent;
  // RFC 8260 2.2: messages of one stream are not interleaved. One that is waited for goes first.
  for (const Begun& each : begun_) {
    if (each->message.stream != waiting->message.stream) continue;
    return waiting->options.priority < urgent->priority ? each : urgent;
  }
  return may_interrupt(*waiting, *urgent) ? nullptr : urgent;
}

bool Outbox::may_interrupt(const OutgoingMessage& waiting, const MessageInTransit& begun) const {
  if (waiting.options.priority >= begun.priority) return false;
  size_t bytes = waiting.message.payload.size();
  for (const auto& each : begun_) bytes += each->message.payload.size();
  return bytes <= options_.max_begun_bytes;
}

Outbox::Begun Outbox::begin(Timestamp now) {
  OutgoingMessage outgoing = queue_.pop();
  auto message = std::make_shared<MessageInTransit>();
  message->id = outgoing.options.id;
  message->ordered = outgoing.options.ordered;
  message->priority = outgoing.options.priority;
  if (outgoing.options.lifetime) message->deadline = now + *outgoing.options.lifetime;
  message->max_retransmissions = outgoing.options.max_retransmissions;
  message->message = std::move(outgoing.message);
  number(*message);
  begun_.push_back(message);
  return message;
}

void Outbox::number(MessageInTransit& message) {
  Numbers& numbers = numbers_[message.message.stream];
  // RFC 9260 6.6: unordered DATA has no sequence number; RFC 8260 2.1: I-DATA always has one.
  message.ssn = StreamSequence(numbers.ssn);
  if (message.ordered) ++numbers.ssn;
  uint32_t& mid = message.ordered ? numbers.ordered_mid : numbers.unordered_mid;
  message.mid = MessageIdentifier(mid++);
}

Fragment Outbox::take(Timestamp now) {
  const auto next = this->next(now);
  MAYFLY_CHECK(next.has_value());
  const Begun message = next->begun ? next->begun : begin(now);
  Fragment fragment{.message = message,
                    .offset = static_cast<uint32_t>(message->bytes_taken),
                    .length = static_cast<uint32_t>(next->bytes),
                    .fsn = message->fragments_taken};
  message->bytes_taken += fragment.length;
  ++message->fragments_taken;
  if (message->is_whole()) drop(*message);
  return fragment;
}

void Outbox::drop(const MessageInTransit& message) {
  std::erase_if(begun_, [&](const Begun& each) { return each.get() == &message; });
}

size_t Outbox::waiting_bytes() const {
  size_t bytes = queue_.queued_bytes();
  for (const auto& each : begun_) bytes += each->message.payload.size() - each->bytes_taken;
  return bytes;
}

}  // namespace mayfly::sctp
