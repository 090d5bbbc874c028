#pragma once

#include <cstddef>
#include <map>
#include <optional>

#include "core/frame.h"
#include "core/units.h"

namespace mayfly {

struct FrameLookaheadOptions {
  // Containers interleave their tracks loosely: a second is what muxers allow by default.
  Duration span = 1s;
  size_t most_frames = 256;
  size_t most_bytes = 8 << 20;

  friend bool operator==(const FrameLookaheadOptions&, const FrameLookaheadOptions&) = default;
};

// Frames read but not yet due, in the order they are due over all tracks. Within a track they leave
// in the order they came, whatever their timestamps say.
class FrameLookahead {
 public:
  explicit FrameLookahead(const FrameLookaheadOptions& options = {}) : options_(options) {}

  // Whether it should be given another frame. One frame of any size always fits.
  [[nodiscard]] bool wants_more() const;
  void add(Frame frame);

  [[nodiscard]] bool empty() const { return frames_.empty(); }
  // The next to be due; must not be empty.
  [[nodiscard]] const Frame& next() const { return frames_.begin()->second; }
  [[nodiscard]] Frame take();
  // The first frame of class I, or else the first frame at all.
  [[nodiscard]] const Frame* first_i_frame() const;
  void clear();

 private:
  FrameLookaheadOptions options_;
  std::multimap<MediaTime, Frame> frames_;
  std::map<TrackId, MediaTime> last_;
  size_t bytes_ = 0;
};

}  // namespace mayfly
