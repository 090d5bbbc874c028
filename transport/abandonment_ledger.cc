#include "transport/abandonment_ledger.h"

namespace mayfly {

uint32_t AbandonmentLedger::handed_over(MessageId id, StreamId stream) {
  if (entries_.size() == capacity_) {
    entries_.pop_front();
    ++first_token_;
  }
  entries_.push_back({id, stream});
  return first_token_ + static_cast<uint32_t>(entries_.size() - 1);
}

void AbandonmentLedger::take_back(uint32_t token) {
  Entry* entry = find(token);
  if (entry == nullptr) return;
  entry->state = State::Closed;
  if (entry == &entries_.back()) entries_.pop_back();
}

void AbandonmentLedger::chunk_abandoned(uint32_t token, Abandonment what) {
  Entry* entry = find(token);
  if (entry == nullptr || entry->state == State::Closed) return;
  if (entry->state == State::Open) touched_.push_back(token);
  if (what == Abandonment::Sent) {
    entry->state = State::AbandonedSent;
  } else if (entry->state == State::Open) {
    entry->state = State::AbandonedUnsent;
  }
}

std::vector<AbandonedMessage> AbandonmentLedger::take_abandoned() {
  std::vector<AbandonedMessage> abandoned;
  for (const uint32_t token : touched_) {
    Entry* entry = find(token);
    if (entry == nullptr || entry->state == State::Closed) continue;
    const bool sent = entry->state == State::AbandonedSent;
    abandoned.push_back({entry->id, entry->stream, sent ? Abandonment::Sent : Abandonment::Unsent});
    entry->state = State::Closed;
  }
  touched_.clear();
  return abandoned;
}

void AbandonmentLedger::settle() {
  if (!touched_.empty()) return;
  first_token_ += static_cast<uint32_t>(entries_.size());
  entries_.clear();
}

AbandonmentLedger::Entry* AbandonmentLedger::find(uint32_t token) {
  const uint32_t index = token - first_token_;  // wraps with the tokens
  return index < entries_.size() ? &entries_[index] : nullptr;
}

}  // namespace mayfly
