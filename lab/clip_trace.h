#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/frame.h"
#include "core/result.h"
#include "core/track.h"
#include "core/units.h"
#include "demux/media_source.h"

namespace mayfly {

// The pictures of a clip, in memory: what every row of a comparison sends, frame for frame. Never
// without frames; they are numbered from 0 without a gap, in decode order.
struct ClipTrace {
  std::string name;
  Track track;
  std::vector<Frame> frames;

  // When the frame is due at the sender, from the start of the playout: its decode time.
  [[nodiscard]] Duration due(size_t frame) const { return frames[frame].dts - frames[0].dts; }
  // From one picture to the next, on the average.
  [[nodiscard]] Duration interval() const;
  [[nodiscard]] Duration length() const { return interval() * static_cast<int64_t>(size()); }
  [[nodiscard]] size_t size() const { return frames.size(); }
  [[nodiscard]] size_t bytes() const;
  // Of the payload alone: R of the definitions.
  [[nodiscard]] DataRate media_rate() const { return DataRate::of(bytes(), length()); }
  [[nodiscard]] size_t largest(FrameClass frame_class) const;
  [[nodiscard]] size_t count(FrameClass frame_class) const;
  // Of each frame, in decode order: its place in the order of showing.
  [[nodiscard]] std::vector<size_t> display_places() const;
  // Recognises the same frames: times, classes, sizes, references and bytes (FNV-1a).
  [[nodiscard]] uint64_t digest() const;
};

// The video of a source, from where it stands, as far as `longest` in decode time. Fails with
// Unsupported where there are no two pictures of video, and as the source does.
[[nodiscard]] Result<ClipTrace> read_clip_trace(MediaSource& source, std::string name,
                                                Duration longest);

// Gives the frames of a trace to a session.
class ClipTraceSource final : public MediaSource {
 public:
  // The trace must outlive the source.
  explicit ClipTraceSource(const ClipTrace& trace) : trace_(trace), tracks_{trace.track} {}

  [[nodiscard]] const std::vector<Track>& tracks() const override { return tracks_; }
  [[nodiscard]] std::optional<Duration> duration() const override { return trace_.length(); }
  [[nodiscard]] Result<Reading> next() override;
  // Only to the beginning: a comparison plays every clip as a whole.
  [[nodiscard]] Result<void> seek(MediaTime position) override;

 private:
  const ClipTrace& trace_;
  const std::vector<Track> tracks_;
  size_t next_ = 0;
};

}  // namespace mayfly
