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

MessageInTransit* Outbox::front(Timestamp now) {
  if (begun_.empty()) {
    if (queue_.front(now) == nullptr) return nullptr;
    begin(now);
    return begun_[front_].get();
  }
  front_ = most_urgent_begun();
  // RFC 9260 6.9: without interleaving the fragments of a message follow each other.
  if (!options_.interleave) return begun_[front_].get();
  const OutgoingMessage* const waiting = queue_.front(now);
  if (waiting == nullptr) return begun_[front_].get();
  // RFC 8260 2.2: messages of one stream are not interleaved. One that is waited for goes first.
  for (size_t i = 0; i < begun_.size(); ++i) {
    if (begun_[i]->message.stream != waiting->message.stream) continue;
    if (waiting->options.priority < begun_[front_]->priority) front_ = i;
    return begun_[front_].get();
  }
  if (may_interrupt(*waiting, *begun_[front_])) begin(now);
  return begun_[front_].get();
}

size_t Outbox::most_urgent_begun() const {
  const auto urgent = std::min_element(
      begun_.begin(), begun_.end(),
      [](const auto& left, const auto& right) { return left->priority < right->priority; });
  return static_cast<size_t>(urgent - begun_.begin());
}

bool Outbox::may_interrupt(const OutgoingMessage& waiting, const MessageInTransit& begun) const {
  if (waiting.options.priority >= begun.priority) return false;
  size_t bytes = waiting.message.payload.size();
  for (const auto& each : begun_) bytes += each->message.payload.size();
  return bytes <= options_.max_begun_bytes;
}

void Outbox::begin(Timestamp now) {
  OutgoingMessage outgoing = queue_.pop();
  auto message = std::make_shared<MessageInTransit>();
  message->id = outgoing.options.id;
  message->ordered = outgoing.options.ordered;
  message->priority = outgoing.options.priority;
  if (outgoing.options.lifetime) message->deadline = now + *outgoing.options.lifetime;
  message->max_retransmissions = outgoing.options.max_retransmissions;
  message->message = std::move(outgoing.message);
  begun_.push_back(std::move(message));
  front_ = begun_.size() - 1;
}

void Outbox::number(MessageInTransit& message) {
  Numbers& numbers = numbers_[message.message.stream];
  // RFC 9260 6.6: unordered DATA has no sequence number; RFC 8260 2.1: I-DATA always has one.
  message.ssn = StreamSequence(numbers.ssn);
  if (message.ordered) ++numbers.ssn;
  uint32_t& mid = message.ordered ? numbers.ordered_mid : numbers.unordered_mid;
  message.mid = MessageIdentifier(mid++);
}

size_t Outbox::front_bytes() const {
  const MessageInTransit& message = *begun_[front_];
  return std::min(message.message.payload.size() - message.bytes_taken,
                  options_.max_fragment_bytes);
}

Fragment Outbox::take() {
  const auto message = begun_[front_];
  // Not before: a message that expires unsent leaves no gap.
  if (message->fragments_taken == 0) number(*message);
  Fragment fragment{.message = message,
                    .offset = static_cast<uint32_t>(message->bytes_taken),
                    .length = static_cast<uint32_t>(front_bytes()),
                    .fsn = message->fragments_taken};
  message->bytes_taken += fragment.length;
  ++message->fragments_taken;
  if (message->is_whole()) drop(*message);
  return fragment;
}

void Outbox::drop(const MessageInTransit& message) {
  std::erase_if(begun_, [&](const auto& each) { return each.get() == &message; });
  front_ = 0;
}

size_t Outbox::waiting_bytes() const {
  size_t bytes = queue_.queued_bytes();
  for (const auto& each : begun_) bytes += each->message.payload.size() - each->bytes_taken;
  return bytes;
}

}  // namespace mayfly::sctp
