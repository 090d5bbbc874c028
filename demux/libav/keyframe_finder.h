#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/result.h"
#include "core/units.h"
#include "demux/libav/frame_reader.h"
#include "demux/libav/libav_input.h"

namespace mayfly {

// Brings an input to the last keyframe of its first track that is not shown after a given time,
// exactly, whatever the container. Where the container has an index, it leads near and the frames
// from there decide. Where it has none to trust (program and transport streams, AVI, elementary
// streams), the whole clip is read once and its keyframes are remembered. Either way the landing is
// verified by the packet's own bytes, and reading from the start is the last resort.
class KeyframeFinder {
 public:
  struct Landing {
    std::optional<FrameReader::Beginning> beginning;  // none: the start of the clip
    // What was read on the way and belongs to the frames from here on: the keyframe's first packet
    // last.
    std::vector<LibavInput::TrackPacket> packets;
  };

  // Borrows the input, and moves it.
  explicit KeyframeFinder(LibavInput& input) : input_(input) {}

  // `position` is in the container's terms.
  [[nodiscard]] Result<Landing> land(MediaTime position);

 private:
  // A packet, recognisable when it is met again.
  struct Mark {
    // Among the packets of all tracks; none when not counted from the start.
    std::optional<uint64_t> ordinal;
    size_t bytes = 0;
    uint64_t fingerprint = 0;
    std::optional<MediaTime> dts;
    std::optional<MediaTime> pts;
  };
  struct Keyframe {
    MediaTime pts;
    MediaTime dts;
    Mark mark;
    ClipClock clock;                    // when its packet came
    std::vector<Duration> corrections;  // of all tracks; its own as its packet changed it
  };

  [[nodiscard]] Mark mark_of(const CodedPacket& packet) const;
  [[nodiscard]] static bool is_same(const Mark& one, const Mark& other);
  // False where the clip is known to hold the same packet twice: a recording joined with itself.
  [[nodiscard]] bool is_unique(const Keyframe& keyframe) const;
  // The keyframes from where the input stands, until every later one must be shown after `until`.
  [[nodiscard]] Result<std::vector<Keyframe>> scan(std::optional<MediaTime> until);
  // The keyframe to land on; none in a clip without any.
  [[nodiscard]] Result<std::optional<Keyframe>> find(MediaTime position);
  [[nodiscard]] std::optional<Keyframe> last_before(const std::vector<Keyframe>& keyframes,
                                                    MediaTime position) const;
  // Reads on until the marked packet, at most so far; none when it does not come.
  [[nodiscard]] Result<std::optional<Landing>> read_until(const Keyframe& keyframe,
                                                          bool from_start);
  [[nodiscard]] Result<Landing> land_without_video(MediaTime position);

  LibavInput& input_;
  std::optional<std::vector<Keyframe>> index_;  // of the whole clip, once it was needed
};

}  // namespace mayfly
