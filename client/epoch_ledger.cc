#include "client/epoch_ledger.h"

#include <algorithm>

namespace mayfly {

void Tally::add(const Tally& other) {
  for (size_t i = 0; i < kFrameClassCount; ++i) {
    ClassFates& into = classes[i];
    const ClassFates& from = other.classes[i];
    into.sent += from.sent;
    into.on_time += from.on_time;
    into.late += from.late;
    into.abandoned_unsent += from.abandoned_unsent;
    into.abandoned_sent += from.abandoned_sent;
    into.lost += from.lost;
    into.undecodable += from.undecodable;
    into.bytes += from.bytes;
    latency[i].add(other.latency[i]);
  }
}

EpochLedger::EpochLedger(const PlayoutTimeline& timeline, const ClockRelation& clocks)
    : timeline_(timeline), clocks_(clocks) {}

void EpochLedger::on_complete(const AssembledFrame& frame) {
  Record* const record = record_of(frame.frame.track, frame.frame.number);
  if (record == nullptr || record->completed) return;
  // The frame itself knows better than what was told about it.
  record->frame_class = frame.frame.frame_class;
  record->dts = frame.frame.dts;
  record->completed = frame.completed;
  record->sent_at = frame.sent_at;
  record->bytes = frame.frame.bytes();
  record->references = frame.frame.references;
  last_dts_ = std::max(last_dts_.value_or(frame.frame.dts), frame.frame.dts);
}

void EpochLedger::on_fate(const wire::FrameFate& fate) {
  Record* const record = record_of(fate.track, fate.number);
  if (record == nullptr) return;
  if (!record->completed) {
    record->frame_class = fate.frame_class;
    record->dts = fate.dts;
  }
  record->fate = fate.fate;
  last_dts_ = std::max(last_dts_.value_or(fate.dts), fate.dts);
}

void EpochLedger::cut_short(Timestamp now) {
  if (!cut_short_at_) cut_short_at_ = now;
}

void EpochLedger::settle(Timestamp now) {
  for (auto& [track, book_of_track] : tracks_) {
    auto& open = book_of_track.open;
    while (!open.empty()) {
      const Timestamp deadline = timeline_.deadline(open.begin()->second.dts);
      if (deadline > now || now - deadline < kPatience) break;
      settle_first(book_of_track);
    }
  }
}

Tally EpochLedger::tally(Timestamp now) const { return tally_until(now); }

Tally EpochLedger::final_tally() const { return tally_until(Timestamp::max()); }

std::optional<Timestamp> EpochLedger::last_deadline() const {
  if (!last_dts_) return std::nullopt;
  return timeline_.deadline(*last_dts_);
}

// Null when the frame has been settled: its state is final then.
EpochLedger::Record* EpochLedger::record_of(TrackId track, FrameNumber number) {
  TrackBook& found = tracks_[track];
  if (found.settled.contains(number) || found.settled.is_forgotten(number)) return nullptr;
  const auto [record, is_new] = found.open.try_emplace(number);
  if (is_new && ++open_frames_ > kMaxOpenFrames) {
    const auto fullest = std::ranges::max_element(
        tracks_, {}, [](const auto& each) { return each.second.open.size(); });
    const bool is_record = fullest->second.open.begin() == record;
    settle_first(fullest->second);
    if (is_record) return nullptr;
  }
  return &record->second;
}

void EpochLedger::book(FrameNumber number, const Record& record, RecentFrames& on_time,
                       Tally& tally) const {
  ClassFates& fates = tally.classes[index_of(record.frame_class)];
  uint64_t& state = state_of(record, on_time, fates);
  ++state;
  ++fates.sent;
  if (&state == &fates.on_time) on_time.add(number);
  if (!record.completed) return;
  fates.bytes += record.bytes;
  if (clocks_.is_known()) {
    tally.latency[index_of(record.frame_class)].add(
        clocks_.one_way_delay(record.sent_at, *record.completed));
  }
}

uint64_t& EpochLedger::state_of(const Record& record, const RecentFrames& on_time,
                                ClassFates& fates) const {
  const Timestamp deadline = timeline_.deadline(record.dts);
  if (record.completed) {
    if (*record.completed > deadline) return fates.late;
    const bool decodable = std::ranges::all_of(
        record.references, [&on_time](FrameNumber each) { return on_time.contains(each); });
    return decodable ? fates.on_time : fates.undecodable;
  }
  if (record.fate == wire::SenderFate::AbandonedUnsent) return fates.abandoned_unsent;
  if (record.fate == wire::SenderFate::AbandonedSent) return fates.abandoned_sent;
  if (cut_short_at_ && deadline > *cut_short_at_) return fates.abandoned_sent;
  return fates.lost;
}

Tally EpochLedger::tally_until(Timestamp end) const {
  Tally tally = settled_;
  for (const auto& [track, book_of_track] : tracks_) {
    RecentFrames on_time = book_of_track.on_time;
    for (const auto& [number, record] : book_of_track.open) {
      if (timeline_.deadline(record.dts) <= end) book(number, record, on_time, tally);
    }
  }
  return tally;
}

void EpochLedger::settle_first(TrackBook& book_of_track) {
  const auto first = book_of_track.open.begin();
  book(first->first, first->second, book_of_track.on_time, settled_);
  book_of_track.settled.add(first->first);
  book_of_track.open.erase(first);
  --open_frames_;
}

}  // namespace mayfly
