#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/frame.h"
#include "core/result.h"
#include "demux/clip_clock.h"
#include "demux/frame_builder.h"
#include "demux/libav/libav_input.h"

namespace mayfly {

// The frames of all tracks of an input from where it stands, in the order in which they begin in
// the file.
class FrameReader {
 public:
  struct Read {
    Frame frame;
    uint64_t ordinal = 0;   // of the frame's first packet
    Duration correction{};  // in the frame's times
  };

  // Where reading begins, when not at the clip's first packet: with this keyframe of the first
  // track. Leading pictures that nobody could decode then, and what other tracks have from before
  // (pictures: from before a keyframe of theirs), are left out.
  struct Beginning {
    MediaTime pts;
    MediaTime dts;
    ClipClock clock;
    std::vector<Duration> corrections;  // of each track's packets that come next
  };

  // Borrows the input.
  FrameReader(LibavInput& input, std::optional<Beginning> beginning);

  // The next frame, or none at the end. After an error, what had been read before is given first.
  [[nodiscard]] Result<std::optional<Read>> next();
  // Hands in a packet that was read from the input before.
  void push(LibavInput::TrackPacket packet);
  // Called with every packet that is read from now on, before anything is made of it.
  void set_on_packet(std::function<void(const LibavInput::TrackPacket&)> on_packet) {
    on_packet_ = std::move(on_packet);
  }
  // The corrections of the tracks' newest packets, and the clock that gave them.
  [[nodiscard]] std::vector<Duration> corrections() const;
  [[nodiscard]] const ClipClock& clock() const { return *clock_; }

 private:
  [[nodiscard]] std::optional<Read> pop();

  LibavInput& input_;
  std::shared_ptr<ClipClock> clock_;
  std::vector<FrameBuilder> builders_;
  std::function<void(const LibavInput::TrackPacket&)> on_packet_;
  std::optional<Result<void>> ending_;  // how the input ended
};

}  // namespace mayfly
