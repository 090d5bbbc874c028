#pragma once

#include "core/track.h"

struct AVFormatContext;
struct AVStream;

namespace mayfly {

// All that codecpar and the stream say, so that AVCodecParameters can be rebuilt far away.
[[nodiscard]] Track track_from_stream(AVFormatContext& format, AVStream& stream, TrackId id);

}  // namespace mayfly
