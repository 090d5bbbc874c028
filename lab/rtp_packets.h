#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/units.h"
#include "lab/clip_trace.h"

namespace mayfly {

inline constexpr size_t kRtpHeaderBytes = 12;  // RFC 3550 5.1

// How much more than the frame is sent, so that any n of the n + h packets suffice (an MDS code).
enum class Repair : uint8_t {
  None,
  FifthMore,  // h = n / 5, rounded up
};

enum class Spacing : uint8_t {
  OverPicture,  // over the time until the next picture, to meet no queue of their own making
  AtOnce,       // when the frame is due
};

// A packet to be sent: a part of a frame.
struct RtpPacket {
  Duration at{};  // from the start of the playout
  size_t frame = 0;
  size_t offset = 0;   // of its payload in the frame; beyond the frame for repair
  size_t payload = 0;  // bytes
};

// All packets of a clip in the order of sending: a clip whose decode times crowd overlaps its
// frames. Payloads of kPacketPayloadBytes but for the last of a frame.
[[nodiscard]] std::vector<RtpPacket> rtp_packets_of(const ClipTrace& clip, Repair repair,
                                                    Spacing spacing);

}  // namespace mayfly
