#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/ids.h"
#include "core/units.h"
#include "demux/media_source.h"

namespace mayfly {

// The shape of a clip that was never filmed.
struct SyntheticShape {
  Ratio frame_rate{25, 1};
  // Picture types of one GOP in decode order, repeated: starts with I, then P and B in any order. A
  // B picture is shown before the anchor (I or P) that precedes it in this order, so "IPBBPBB" is a
  // closed GOP and "IBBPBB" an open one whose first two B pictures need the GOP before.
  std::string pattern = "IPBBPBB";
  size_t i_bytes = 24'000;
  size_t p_bytes = 8'000;
  size_t b_bytes = 2'500;
  // Sizes lie evenly within this fraction of the above, on both sides: 0 to 1.
  double size_spread = 0;
  uint32_t pictures = 250;
  bool with_audio = false;
  Duration audio_frame_duration{20'000};
  size_t audio_bytes = 320;
  uint64_t seed = 1;
};

// A MediaSource made of nothing but a shape, for whatever needs known frames: simulations, tests
// and measurements. The video is track 0 and the audio, if any, track 1. Frames are the same on
// every run; their bytes tell which frame they are, so that a receiver far away can verify them.
class SyntheticSource final : public MediaSource {
 public:
  // The smallest payload; shapes that ask for less get this.
  static constexpr size_t kSmallestPayload = 8;

  // The shape's pattern and frame rate must make sense (see SyntheticShape).
  explicit SyntheticSource(SyntheticShape shape);

  [[nodiscard]] const std::vector<Track>& tracks() const override { return tracks_; }
  [[nodiscard]] std::optional<Duration> duration() const override;
  [[nodiscard]] Result<Reading> next() override;
  [[nodiscard]] Result<void> seek(MediaTime position) override;

  // The payload of the track's frame that stands at `position_in_clip`, counted in decode order
  // from the clip's start. (A frame's number is the same until the first seek.)
  [[nodiscard]] static Bytes payload_of(uint64_t seed, TrackId track, uint32_t position_in_clip,
                                        size_t bytes);
  // The position in the clip that a payload tells, when its every byte is as it must be.
  [[nodiscard]] static std::optional<uint32_t> genuine_position(uint64_t seed, TrackId track,
                                                                ByteView payload);

 private:
  [[nodiscard]] Frame video_frame() const;
  [[nodiscard]] Frame audio_frame() const;
  [[nodiscard]] std::vector<FrameNumber> references_of(uint32_t position) const;
  [[nodiscard]] PictureType type_at(uint32_t position) const;
  // How many I pictures there are up to and with this one.
  [[nodiscard]] uint32_t intra_up_to(uint32_t position) const;
  [[nodiscard]] size_t size_at(TrackId track, uint32_t position, size_t mean) const;
  // Where in presentation order the picture stands.
  [[nodiscard]] uint32_t display_position(uint32_t position) const;
  [[nodiscard]] Duration picture_time(int64_t position) const;
  [[nodiscard]] MediaTime pts_at(uint32_t position) const;
  [[nodiscard]] uint32_t audio_count() const;

  SyntheticShape shape_;
  std::vector<Track> tracks_;
  Duration reorder_delay_{};
  uint32_t video_first_ = 0;  // where the last seek landed
  uint32_t video_next_ = 0;
  uint32_t audio_first_ = 0;
  uint32_t audio_next_ = 0;
};

}  // namespace mayfly
