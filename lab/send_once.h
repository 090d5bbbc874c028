#pragma once

#include "lab/clip_trace.h"
#include "lab/delivery_log.h"
#include "lab/rtp_packets.h"
#include "netsim/link.h"

namespace mayfly {

// Every packet of every frame sent once over the link, in RTP payloads of kPacketPayloadBytes, the
// packets of a frame spread over the time until the next picture so that they meet no queue of
// their own making. The link begins with the playout.
[[nodiscard]] DeliveryLog send_once(const ClipTrace& clip, Link link, Repair repair);

}  // namespace mayfly
