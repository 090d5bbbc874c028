#include "lab/oracle.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace mayfly {
namespace {

// Which of the last two anchors are there: bit 0 the last, bit 1 the one before.
constexpr size_t kAnchorStates = 4;

// For one state of the anchors: with how many frames shown, how far the channel is used up at
// least. Ascending in both: showing more costs more, or the smaller would be of no use.
struct Point {
  size_t shown = 0;
  double used = 0;
};
using Frontier = std::vector<Point>;
using Frontiers = std::array<Frontier, kAnchorStates>;

// Drops what is no better than another, and what lies before `passed`: those bytes are gone.
void prune(Frontier& frontier, double passed) {
  for (Point& each : frontier) each.used = std::max(each.used, passed);
  std::sort(frontier.begin(), frontier.end(), [](const Point& a, const Point& b) {
    return a.shown != b.shown ? a.shown > b.shown : a.used < b.used;
  });
  Frontier kept;
  for (const Point& each : frontier) {
    if (kept.empty() || each.used < kept.back().used) kept.push_back(each);
  }
  frontier = std::move(kept);
}

class Anchors {
 public:
  // What a frame with these references needs of the last two anchors, as bits.
  [[nodiscard]] size_t needed_by(const Frame& frame) const {
    size_t bits = 0;
    for (const FrameNumber reference : frame.references) {
      if (last_ && reference == *last_) bits |= 1;
      if (before_ && reference == *before_) bits |= 2;
    }
    return bits;
  }
  void add(FrameNumber anchor) {
    before_ = last_;
    last_ = anchor;
  }

 private:
  std::optional<FrameNumber> last_, before_;
};

bool is_anchor(const Frame& frame) {
  return frame.frame_class == FrameClass::I || frame.frame_class == FrameClass::P;
}

size_t after_anchor(size_t state, bool taken) { return (state << 1 & 2) | (taken ? 1 : 0); }

}  // namespace

size_t most_frames_shown(const ClipTrace& clip, const ChannelLog& channel, Duration one_way,
                         Duration playout_delay) {
  Frontiers now;
  now[0].push_back({});
  Anchors anchors;
  for (size_t i = 0; i < clip.size(); ++i) {
    const Frame& frame = clip.frames[i];
    const double passed = channel.bytes_by(clip.due(i));
    const double limit = channel.bytes_by(clip.due(i) + playout_delay - one_way);
    const size_t needed = anchors.needed_by(frame);
    Frontiers next;
    for (size_t state = 0; state < kAnchorStates; ++state) {
      prune(now[state], passed);
      const size_t skipped = is_anchor(frame) ? after_anchor(state, false) : state;
      const size_t taken = is_anchor(frame) ? after_anchor(state, true) : state;
      for (const Point& each : now[state]) {
        next[skipped].push_back(each);
        const double end = each.used + static_cast<double>(frame.bytes());
        if ((state & needed) == needed && end <= limit) {
          next[taken].push_back({each.shown + 1, end});
        }
      }
    }
    if (is_anchor(frame)) anchors.add(frame.number);
    now = std::move(next);
  }
  size_t most = 0;
  for (const Frontier& each : now) {
    for (const Point& point : each) most = std::max(most, point.shown);
  }
  return most;
}

}  // namespace mayfly
