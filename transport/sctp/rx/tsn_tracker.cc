#include "transport/sctp/rx/tsn_tracker.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace mayfly::sctp {

TsnTracker::Arrival TsnTracker::classify(UnwrappedTsn tsn) const {
  if (tsn <= cumulative_) return Arrival::Duplicate;
  if (tsn > cumulative_ + kMaxAhead) return Arrival::TooFar;
  const auto after = runs_.upper_bound(tsn);
  const bool known = after != runs_.begin() && std::prev(after)->second >= tsn;
  return known ? Arrival::Duplicate : Arrival::New;
}

void TsnTracker::add(UnwrappedTsn tsn) {
  if (tsn == cumulative_ + 1) {
    cumulative_ = tsn;
    swallow_first_run();
    return;
  }
  const auto after = runs_.upper_bound(tsn);
  const bool joins_after = after != runs_.end() && after->first == tsn + 1;
  const bool joins_before = after != runs_.begin() && std::prev(after)->second + 1 == tsn;
  const UnwrappedTsn last = joins_after ? after->second : tsn;
  if (joins_before) {
    std::prev(after)->second = last;
  } else {
    runs_.emplace_hint(after, tsn, last);
  }
  if (joins_after) runs_.erase(after);
}

void TsnTracker::swallow_first_run() {
  if (runs_.empty() || runs_.begin()->first > cumulative_ + 1) return;
  cumulative_ = std::max(cumulative_, runs_.begin()->second);
  runs_.erase(runs_.begin());
}

void TsnTracker::add_duplicate(UnwrappedTsn tsn) {
  if (duplicates_.size() < kMaxDuplicates) duplicates_.push_back(tsn.wrap());
}

void TsnTracker::forward_to(UnwrappedTsn tsn) {
  cumulative_ = std::max(cumulative_, tsn);
  while (!runs_.empty() && runs_.begin()->second <= cumulative_) runs_.erase(runs_.begin());
  swallow_first_run();
}

std::vector<GapAckBlock> TsnTracker::gap_blocks(size_t most) const {
  std::vector<GapAckBlock> blocks;
  blocks.reserve(std::min(most, runs_.size()));
  for (const auto& [first, last] : runs_) {
    if (blocks.size() == most) break;
    blocks.push_back(
        {static_cast<uint16_t>(first - cumulative_), static_cast<uint16_t>(last - cumulative_)});
  }
  return blocks;
}

std::vector<Tsn> TsnTracker::take_duplicates(size_t most) {
  std::vector<Tsn> taken = std::exchange(duplicates_, {});
  if (taken.size() > most) taken.resize(most);
  return taken;
}

}  // namespace mayfly::sctp
