#include "server/fate_ledger.h"

#include <algorithm>

#include "core/check.h"

namespace mayfly {
namespace {

// The messages of a frame are given up one after the other. This long after the first, no more
// will follow, and those not heard of are on their way.
constexpr Duration kGatheringTime = 20ms;
// A stack may notice only at its next retransmission that a message was too old.
constexpr Duration kSettlingTime = 2s;
// More than a minute of sound and picture. A reliable frame older than this that is given up after
// all keeps the fate that was told.
constexpr size_t kMostRecords = 8192;
constexpr size_t kEpochsCounted = 4;

}  // namespace

void FateLedger::handed_over(MessageId id, wire::Epoch epoch, const Frame& frame, uint32_t messages,
                             std::optional<Timestamp> tell_after) {
  MAYFLY_DCHECK(messages > 0);
  Record& record = open(id, epoch, frame, wire::SenderFate::Sent);
  record.messages = messages;
  SenderClassStats& stats = stats_[index_of(frame.frame_class)];
  ++stats.sent;
  stats.bytes += frame.bytes();
  if (tell_after) {
    record.final_at = *tell_after + kSettlingTime;
    agenda_.emplace(*tell_after + kGatheringTime, id);
    agenda_.emplace(*record.final_at, id);
  } else {
    make_tellable(id, record);
  }
  forget_oldest();
}

void FateLedger::never_sent(MessageId id, wire::Epoch epoch, const Frame& frame) {
  Record& record = open(id, epoch, frame, wire::SenderFate::AbandonedUnsent);
  record.is_final = true;
  ++stats_[index_of(frame.frame_class)].abandoned_unsent;
  make_tellable(id, record);
}

FateLedger::Record& FateLedger::open(MessageId id, wire::Epoch epoch, const Frame& frame,
                                     wire::SenderFate fate) {
  ++stats_[index_of(frame.frame_class)].due;
  if (counts_.empty() || counts_.back().first != epoch) {
    counts_.emplace_back(epoch, std::map<TrackId, uint32_t>{});
    if (counts_.size() > kEpochsCounted) counts_.pop_front();
  }
  ++counts_.back().second[frame.track];
  ++open_[epoch];
  const auto [record, is_new] = records_.emplace(id, Record{});
  MAYFLY_CHECK(is_new);
  record->second.epoch = epoch;
  record->second.fate = {frame.track, frame.number, frame.frame_class, fate, frame.dts};
  return record->second;
}

bool FateLedger::message_abandoned(MessageId id, Abandonment what, Timestamp now) {
  const auto found = records_.find(id);
  if (found == records_.end() || found->second.is_final) return false;
  Record& record = found->second;
  const bool is_first = record.abandoned_sent + record.abandoned_unsent == 0;
  ++(what == Abandonment::Sent ? record.abandoned_sent : record.abandoned_unsent);
  if (record.abandoned_sent > 0) {
    decide(id, record, wire::SenderFate::AbandonedSent);
  } else if (record.abandoned_unsent == record.messages) {
    decide(id, record, wire::SenderFate::AbandonedUnsent);
  } else if (is_first) {
    agenda_.emplace(now + kGatheringTime, id);
  }
  return is_first && record.messages > 1;
}

std::optional<FateLedger::Open> FateLedger::find(MessageId id) const {
  const auto found = records_.find(id);
  if (found == records_.end() || found->second.is_final) return std::nullopt;
  return Open{found->second.epoch, found->second.fate};
}

void FateLedger::decide(MessageId id, Record& record, wire::SenderFate fate) {
  SenderClassStats& stats = stats_[index_of(record.fate.frame_class)];
  --stats.sent;
  ++(fate == wire::SenderFate::AbandonedSent ? stats.abandoned_sent : stats.abandoned_unsent);
  record.fate.fate = fate;
  record.is_final = true;
  if (record.was_told) record.is_tellable = record.was_told = false;
  make_tellable(id, record);
}

void FateLedger::make_tellable(MessageId id, Record& record) {
  if (record.is_tellable) return;
  record.is_tellable = true;
  to_tell_.push_back(id);
}

void FateLedger::run_agenda(Timestamp now) {
  while (!agenda_.empty() && agenda_.begin()->first <= now) {
    const MessageId id = agenda_.begin()->second;
    agenda_.erase(agenda_.begin());
    const auto found = records_.find(id);
    if (found != records_.end() && !found->second.is_final) look_at(found, now);
  }
}

// Either the frame's time is over, or its messages have had the time to be given up.
void FateLedger::look_at(Records::iterator found, Timestamp now) {
  Record& record = found->second;
  if (record.abandoned_unsent > 0) {
    decide(found->first, record, wire::SenderFate::AbandonedSent);
    return;
  }
  make_tellable(found->first, record);
  if (!record.final_at || *record.final_at > now) return;
  record.is_final = true;
  if (record.was_told) close(found);
}

void FateLedger::settle_before(MessageId id) {
  const auto end = records_.lower_bound(id);
  for (auto each = records_.begin(); each != end;) {
    const auto current = each++;
    Record& record = current->second;
    if (!record.is_final) {
      if (record.abandoned_unsent > 0) {
        decide(current->first, record, wire::SenderFate::AbandonedSent);
      }
      record.is_final = true;
    }
    if (record.was_told) {
      close(current);
    } else {
      make_tellable(current->first, record);
    }
  }
}

FateLedger::Telling FateLedger::take(size_t limit, Timestamp now) {
  run_agenda(now);
  Telling telling;
  while (!to_tell_.empty() && telling.fates.size() < limit) {
    const auto found = records_.find(to_tell_.front());
    if (found == records_.end()) {
      to_tell_.pop_front();
      continue;
    }
    Record& record = found->second;
    if (telling.fates.empty()) telling.epoch = record.epoch;
    if (record.epoch != telling.epoch) break;
    to_tell_.pop_front();
    telling.fates.push_back(record.fate);
    record.was_told = true;
    if (record.is_final) close(found);
  }
  return telling;
}

bool FateLedger::is_settled(wire::Epoch epoch) const { return open_.count(epoch) == 0; }

std::vector<std::pair<TrackId, uint32_t>> FateLedger::counts(wire::Epoch epoch) const {
  for (auto each = counts_.rbegin(); each != counts_.rend(); ++each) {
    if (each->first == epoch) return {each->second.begin(), each->second.end()};
  }
  return {};
}

void FateLedger::close(Records::iterator record) {
  const auto open = open_.find(record->second.epoch);
  MAYFLY_DCHECK(open != open_.end());
  if (--open->second == 0) open_.erase(open);
  records_.erase(record);
}

void FateLedger::forget_oldest() {
  // What was not told yet is to be told still, and soon is.
  for (auto each = records_.begin(); records_.size() > kMostRecords && each != records_.end();) {
    const auto current = each++;
    if (current->second.was_told) close(current);
  }
}

}  // namespace mayfly
