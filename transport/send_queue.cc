#include "transport/send_queue.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/check.h"
#include "core/quantity.h"

namespace mayfly {
namespace {

size_t charge_of(const Message& message) {
  return std::max(message.payload.size(), SendQueue::kMinCharge);
}

}  // namespace

SendQueue::SendQueue(size_t limit_bytes, size_t low_bytes)
    : limit_bytes_(limit_bytes), low_bytes_(low_bytes) {}

size_t SendQueue::free_bytes() const {
  return charged_bytes_ < limit_bytes_ ? limit_bytes_ - charged_bytes_ : 0;
}

size_t SendQueue::room_for(std::optional<uint32_t> discard_priority) const {
  size_t kept = charged_bytes_;
  const auto first = discard_priority ? discardable_charge_.upper_bound(*discard_priority)
                                      : discardable_charge_.begin();
  for (auto each = first; each != discardable_charge_.end(); ++each) kept -= each->second;
  return kept < limit_bytes_ ? limit_bytes_ - kept : 0;
}

Result<void> SendQueue::push(Message message, const SendOptions& options, Timestamp now) {
  const size_t bytes = message.payload.size();
  if (bytes > limit_bytes_) {
    return failure(ErrorCode::InvalidArgument,
                   fmt::format("a message of {} bytes is larger than the whole send queue ({})",
                               bytes, data_size_text(limit_bytes_)));
  }
  const size_t room = room_for(options.discard_priority);
  if (bytes > room || room == 0) {
    ++refused_;
    wanted_bytes_ = std::max(wanted_bytes_.value_or(0), bytes);
    return failure(ErrorCode::Exhausted,
                   fmt::format("the send queue is full: {} of {} bytes free, {} wanted", room,
                               limit_bytes_, bytes));
  }
  make_room(bytes);

  const Turn turn(effective_priority(message.stream, options), next_age_++);
  Entry entry;
  if (options.lifetime) {
    entry.deadline = now + *options.lifetime;
    deadlines_.emplace(*entry.deadline, turn);
  }
  queued_bytes_ += bytes;
  charged_bytes_ += charge_of(message);
  if (options.discard_priority) {
    discardable_.insert({~*options.discard_priority, turn});
    discardable_charge_[*options.discard_priority] += charge_of(message);
  }
  by_id_.emplace(options.id, turn);
  entry.outgoing = {std::move(message), options};
  entries_.emplace(turn, std::move(entry));
  return {};
}

// Only called when there is enough to discard.
void SendQueue::make_room(size_t bytes) {
  while (bytes > free_bytes() || free_bytes() == 0) {
    MAYFLY_CHECK(!discardable_.empty());
    abandon(entries_.find(discardable_.begin()->turn));
  }
}

Priority SendQueue::effective_priority(StreamId stream, const SendOptions& options) {
  if (!options.ordered) return options.priority;
  OrderedRun& run = ordered_[stream];
  run.priority = run.waiting == 0 ? options.priority : std::max(run.priority, options.priority);
  ++run.waiting;
  return run.priority;
}

const OutgoingMessage* SendQueue::front(Timestamp now) {
  expire(now);
  if (entries_.empty()) return nullptr;
  Entry& entry = entries_.begin()->second;
  if (entry.deadline) entry.outgoing.options.lifetime = *entry.deadline - now;
  return &entry.outgoing;
}

OutgoingMessage SendQueue::pop() {
  MAYFLY_CHECK(!entries_.empty());
  return remove(entries_.begin());
}

void SendQueue::expire(Timestamp now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    abandon(entries_.find(deadlines_.begin()->second));
  }
}

void SendQueue::abandon(MessageId id) {
  for (auto found = by_id_.lower_bound({id, Turn{}}); found != by_id_.end() && found->first == id;
       found = by_id_.lower_bound({id, Turn{}})) {
    abandon(entries_.find(found->second));
  }
}

void SendQueue::abandon_all() {
  while (!entries_.empty()) abandon(entries_.begin());
}

std::vector<AbandonedMessage> SendQueue::take_abandoned() { return std::exchange(abandoned_, {}); }

bool SendQueue::take_low() { return std::exchange(low_, false); }

OutgoingMessage SendQueue::remove(std::map<Turn, Entry>::iterator entry) {
  MAYFLY_CHECK(entry != entries_.end());
  const Turn turn = entry->first;
  const auto deadline = entry->second.deadline;
  OutgoingMessage outgoing = std::move(entry->second.outgoing);
  entries_.erase(entry);

  if (deadline) deadlines_.erase({*deadline, turn});
  if (const auto priority = outgoing.options.discard_priority) {
    discardable_.erase({~*priority, turn});
    const auto charge = discardable_charge_.find(*priority);
    charge->second -= charge_of(outgoing.message);
    if (charge->second == 0) discardable_charge_.erase(charge);
  }
  by_id_.erase({outgoing.options.id, turn});
  if (outgoing.options.ordered) {
    const auto run = ordered_.find(outgoing.message.stream);
    if (--run->second.waiting == 0) ordered_.erase(run);
  }
  const size_t charged_before = charged_bytes_;
  queued_bytes_ -= outgoing.message.payload.size();
  charged_bytes_ -= charge_of(outgoing.message);
  note_drained(charged_before);
  return outgoing;
}

void SendQueue::abandon(std::map<Turn, Entry>::iterator entry) {
  const OutgoingMessage outgoing = remove(entry);
  abandoned_.push_back({outgoing.options.id, outgoing.message.stream, Abandonment::Unsent});
}

void SendQueue::note_drained(size_t charged_before) {
  if (wanted_bytes_ && free_bytes() >= std::max<size_t>(*wanted_bytes_, 1)) {
    wanted_bytes_.reset();
    low_ = true;
  }
  if (charged_before > low_bytes_ && charged_bytes_ <= low_bytes_) low_ = true;
}

}  // namespace mayfly
