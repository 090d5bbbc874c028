#pragma once

#include <cstddef>

#include "lab/channel_log.h"
#include "lab/clip_trace.h"

namespace mayfly {

// The most frames of a clip that anybody can show over a channel, even one who knows all its
// losses beforehand and needs neither headers nor acknowledgements: deadlines and releases both
// rise in decode order, so that chosen frames go first in, first out, and what is best follows
// frame by frame (dynamic programming over frames shown so far and which of the last two anchors
// are there).
//
// References further back than the last two anchors are not asked for: that makes it a bound for
// every codec, and exact where there are none (MPEG-1 and MPEG-2, H.264 without a B pyramid).
[[nodiscard]] size_t most_frames_shown(const ClipTrace& clip, const ChannelLog& channel,
                                       Duration one_way, Duration playout_delay);

}  // namespace mayfly
