#pragma once

#include <cstdint>

#include "core/strong_type.h"

namespace mayfly {

// An SCTP stream of one association, in one direction (RFC 9260 1.3).
using StreamId = StrongType<struct StreamIdTag, uint16_t>;
// SCTP payload protocol identifier, carried with every message, untouched by the stack (RFC
// 9260 3.3.1).
using Ppid = StrongType<struct PpidTag, uint32_t>;
// Names a message towards the one who sent it, so that its fate can be told. Chosen by the sender;
// never on the wire.
using MessageId = StrongType<struct MessageIdTag, uint64_t>;
// A track (elementary stream) of a clip.
using TrackId = StrongType<struct TrackIdTag, uint8_t>;
// Counts the frames of one track in decode order, from 0, without a gap.
using FrameNumber = StrongType<struct FrameNumberTag, uint32_t>;

}  // namespace mayfly
