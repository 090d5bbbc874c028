#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "core/frame.h"
#include "core/track.h"
#include "demux/clip_clock.h"
#include "demux/picture_parser.h"

namespace mayfly {

// What a container gives at a time: some bytes of one track, and what it says about them.
struct CodedPacket {
  Bytes bytes;
  std::optional<MediaTime> pts;
  std::optional<MediaTime> dts;
  Duration duration{};  // zero: not told
  bool keyframe = false;
  bool not_shown = false;  // only decoded, as an edit list wants it
  uint64_t ordinal = 0;    // where the packet stands among those of all tracks
};

// Makes the packets of one track into frames: splits packets that hold two pictures, joins fields
// and placeholders with the picture they belong to, never changes a byte and never drops one. Gives
// every frame a pts and a dts, and dts never goes back. What it holds is bounded: frames beyond
// kMostBytes are given as they are, and of what a damaged clip makes pile up without ever becoming
// a frame at most as much again is kept.
class FrameBuilder {
 public:
  static constexpr size_t kMostBytes = size_t{64} << 20;

  struct Options {
    bool intra_only_codec = false;
    // False for containers that tell decode times only (AVI, elementary streams): pts then follows
    // from the order in which the pictures are shown.
    bool container_tells_pts = true;
    int reorder_depth = 0;  // where the codec's own headers do not tell
    // Shared by the builders of one clip; null: one of its own.
    std::shared_ptr<ClipClock> clock = nullptr;
    Duration correction{};  // added to the container's times as long as the clock does not jump
    // The times of the first frame, where they are known better than its packet tells.
    std::optional<MediaTime> first_pts = std::nullopt;
    std::optional<MediaTime> first_dts = std::nullopt;
    // Leave out the leading pictures that would need pictures from before the first packet. For
    // reading from the middle; from the start every byte is kept.
    bool skip_undecodable_start = false;
    // Leave out packets from before this time, of tracks that begin beside another one.
    std::optional<MediaTime> start = std::nullopt;
    // Leave out pictures up to the first keyframe, and those shown before it that need them.
    bool start_with_keyframe = false;
  };

  FrameBuilder(const Track& track, Options options);

  void push(CodedPacket packet);
  // No more packets come: whatever is held back is given now.
  void finish();

  // The next frame in decode order, once nothing about it can change any more.
  [[nodiscard]] std::optional<Frame> pop();
  // Where the next frame's first packet stands, if anything is held.
  [[nodiscard]] std::optional<uint64_t> next_ordinal() const;
  [[nodiscard]] size_t held_bytes() const { return held_bytes_; }
  [[nodiscard]] size_t held_frames() const { return held_.size(); }
  // What is added to the container's times of the newest packet, and of the next frame's.
  [[nodiscard]] Duration correction() const { return position_.correction; }
  [[nodiscard]] Duration next_correction() const;

 private:
  struct Held {
    Frame frame;
    Bytes bytes;
    std::optional<MediaTime> pts;
    std::optional<MediaTime> dts;
    Duration correction{};  // in its times
    uint64_t ordinal = 0;
    int64_t display_order = 0;
    bool whole = false;      // no continuation can come
    bool not_shown = false;  // as its packet said
  };

  void follow_clock(const CodedPacket& packet);
  [[nodiscard]] std::optional<MediaTime> corrected(std::optional<MediaTime> time) const;
  [[nodiscard]] bool is_too_early(const CodedPacket& packet) const;
  void push_part(const CodedPicture& part, ByteView bytes, const CodedPacket& packet, bool first);
  void begin(const CodedPicture& picture, ByteView bytes, const CodedPacket& packet, bool first);
  [[nodiscard]] bool skips(const CodedPicture& picture);
  [[nodiscard]] bool needs_skipped(const CodedPicture& picture) const;
  // The numbers frames have for numbers the parser gave.
  [[nodiscard]] std::vector<FrameNumber> frame_numbers(std::vector<FrameNumber> parsed) const;
  void give_rest();
  void keep_for_next(ByteView bytes);
  // Settles the times of the newest frame when its bytes are complete.
  void complete(Held& held);
  [[nodiscard]] MediaTime settle_dts(const Held& held) const;
  [[nodiscard]] int reorder_depth() const;
  // Gives the picture that is shown next the decode time at which a decoder would let it go.
  void show_next(MediaTime at);

  TrackId track_;
  TrackKind kind_;
  Options options_;
  Duration usual_duration_{};  // from the track's frame rate, then from the packets
  std::unique_ptr<PictureParser> parser_;
  std::deque<Held> held_;
  Bytes preamble_;
  size_t held_bytes_ = 0;
  uint32_t count_ = 0;
  std::vector<uint32_t> skipped_;       // numbers of the parser that became no frames
  uint32_t parsed_ = 0;                 // pictures the parser gave
  uint32_t before_start_ = 0;           // how many of them precede the keyframe to start with
  std::optional<int64_t> start_order_;  // of that keyframe
  bool skipping_ = false;               // the last picture was left out, and what continues it
  uint32_t keyframes_ = 0;
  std::optional<MediaTime> last_dts_;
  ClipClock::Position position_;
  // Shown order and number of the pictures a decoder would hold back.
  std::vector<std::pair<int64_t, uint32_t>> reordering_;
};

}  // namespace mayfly
