#pragma once

#include <cstdint>

#include "core/ids.h"
#include "core/strong_type.h"

// The words of SCTP's packets. Beside these, StreamId and Ppid of core/ids.h.
namespace mayfly::sctp {

// Numbers every DATA and I-DATA chunk of one direction of an association (RFC 9260 1.3).
using Tsn = StrongType<struct TsnTag, uint32_t>;
// Numbers the ordered messages of one stream, in DATA chunks (RFC 9260 1.3, there SSN).
using StreamSequence = StrongType<struct StreamSequenceTag, uint16_t>;
// Numbers the messages of one stream, ordered and unordered apart, in I-DATA chunks (RFC 8260 2.1,
// there MID).
using MessageIdentifier = StrongType<struct MessageIdentifierTag, uint32_t>;
// Numbers the fragments of one message from 0, in I-DATA chunks (RFC 8260 2.1, there FSN).
using FragmentSequence = StrongType<struct FragmentSequenceTag, uint32_t>;
// Proves that a packet's sender knows the association (RFC 9260 8.5).
using VerificationTag = StrongType<struct VerificationTagTag, uint32_t>;
// Numbers the re-configuration requests of one endpoint (RFC 6525 4.1).
using ReconfigSequence = StrongType<struct ReconfigSequenceTag, uint32_t>;

}  // namespace mayfly::sctp
