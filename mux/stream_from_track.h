#pragma once

#include "core/result.h"
#include "core/track.h"

struct AVFormatContext;
struct AVStream;

namespace mayfly {

// Adds a stream to `output` that says of itself what the track says. The time base is the track's,
// so that a muxer which can keep the clip's ticks does; the muxer may still change it when it
// writes its header. The stream belongs to `output`.
[[nodiscard]] Result<AVStream*> add_stream(AVFormatContext& output, const Track& track);

}  // namespace mayfly
