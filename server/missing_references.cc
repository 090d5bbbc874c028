#include "server/missing_references.h"

#include <algorithm>

namespace mayfly {
namespace {

// Per track. No codec refers back this far.
constexpr size_t kMostRemembered = 1024;

}  // namespace

void MissingReferences::add(wire::Epoch epoch, TrackId track, FrameNumber number) {
  // News of an epoch that is over: its frames are references to none to come.
  if (epoch != epoch_) return;
  std::set<FrameNumber>& missing = missing_[track];
  missing.insert(number);
  if (missing.size() > kMostRemembered) missing.erase(missing.begin());
}

bool MissingReferences::strike(wire::Epoch epoch, const Frame& frame) {
  if (epoch != epoch_) begin(epoch);
  const auto found = missing_.find(frame.track);
  if (found == missing_.end()) return false;
  const std::set<FrameNumber>& missing = found->second;
  const bool is_struck = std::any_of(frame.references.begin(), frame.references.end(),
                                     [&](FrameNumber each) { return missing.contains(each); });
  if (is_struck) add(epoch, frame.track, frame.number);
  return is_struck;
}

void MissingReferences::begin(wire::Epoch epoch) {
  epoch_ = epoch;
  missing_.clear();
}

}  // namespace mayfly
