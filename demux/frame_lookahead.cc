#include "demux/frame_lookahead.h"

#include <algorithm>
#include <utility>

#include "core/check.h"

namespace mayfly {

bool FrameLookahead::wants_more() const {
  if (frames_.empty()) return true;
  return frames_.size() < options_.most_frames && bytes_ < options_.most_bytes &&
         frames_.rbegin()->first - frames_.begin()->first < options_.span;
}

void FrameLookahead::add(Frame frame) {
  const auto last = last_.find(frame.track);
  const MediaTime place = last == last_.end() ? frame.dts : std::max(last->second, frame.dts);
  last_[frame.track] = place;
  bytes_ += frame.bytes();
  frames_.emplace(place, std::move(frame));
}

Frame FrameLookahead::take() {
  MAYFLY_DCHECK(!frames_.empty());
  Frame frame = std::move(frames_.begin()->second);
  frames_.erase(frames_.begin());
  bytes_ -= frame.bytes();
  return frame;
}

const Frame* FrameLookahead::first_i_frame() const {
  if (frames_.empty()) return nullptr;
  const auto found = std::find_if(frames_.begin(), frames_.end(), [](const auto& each) {
    return each.second.frame_class == FrameClass::I;
  });
  return found == frames_.end() ? &frames_.begin()->second : &found->second;
}

void FrameLookahead::clear() {
  frames_.clear();
  last_.clear();
  bytes_ = 0;
}

}  // namespace mayfly
