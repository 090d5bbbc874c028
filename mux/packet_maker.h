#pragma once

#include <cstdint>

#include "core/frame.h"
#include "core/result.h"
#include "core/track.h"
#include "mux/output_handles.h"

namespace mayfly {

// Makes a track's frames into packets of the stream that holds it. The stream is borrowed, and its
// time base asked for with each frame: a muxer settles it when it writes its header.
class PacketMaker {
 public:
  PacketMaker(const AVStream& stream, const Track& track, const AVOutputFormat& container);

  // With `shift` added to the frame's times. Decode times only go forward: one that does not is
  // moved by as little as the container can tell. Fails with Exhausted when there is no memory.
  [[nodiscard]] Result<OutputPacket> make(const Frame& frame, Duration shift);

 private:
  [[nodiscard]] int64_t ticks(Duration time) const;

  const AVStream* stream_;
  AVRational clip_time_base_;
  Duration delay_{};
  int64_t last_dts_ = AV_NOPTS_VALUE;
};

}  // namespace mayfly
