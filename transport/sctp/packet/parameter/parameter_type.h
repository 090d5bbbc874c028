#pragma once

#include <cstdint>
#include <string>

#include "transport/sctp/packet/chunk.h"

namespace mayfly::sctp {

// A parameter's type may be any 16 bits; these have a name.
enum class ParameterType : uint16_t {
  HeartbeatInfo = 1,                // RFC 9260 3.3.5
  Ipv4Address = 5,                  // RFC 9260 3.3.2.1.1
  Ipv6Address = 6,                  // RFC 9260 3.3.2.1.2
  StateCookie = 7,                  // RFC 9260 3.3.3.1.1
  UnrecognizedParameter = 8,        // RFC 9260 3.3.3.1.2
  CookiePreservative = 9,           // RFC 9260 3.3.2.1.3
  HostName = 11,                    // RFC 9260 3.3.2.1.4: deprecated, and refused
  SupportedAddressTypes = 12,       // RFC 9260 3.3.2.1.5
  OutgoingResetRequest = 13,        // RFC 6525 4.1
  IncomingResetRequest = 14,        // RFC 6525 4.2
  SsnTsnResetRequest = 15,          // RFC 6525 4.3
  ReconfigResponse = 16,            // RFC 6525 4.4
  AddOutgoingStreams = 17,          // RFC 6525 4.5
  AddIncomingStreams = 18,          // RFC 6525 4.6
  EcnCapable = 0x8000,              // RFC 9260 3.2.1, reserved
  ZeroChecksumAcceptable = 0x8001,  // RFC 9653 4
  Random = 0x8002,                  // RFC 4895 3.1: known by name only
  ChunkList = 0x8003,               // RFC 4895 3.2: known by name only
  RequestedHmac = 0x8004,           // RFC 4895 3.3: known by name only
  Padding = 0x8005,                 // RFC 4820 4
  SupportedExtensions = 0x8008,     // RFC 5061 4.2.7
  ForwardTsnSupported = 0xc000,     // RFC 3758 3.1
  AdaptationIndication = 0xc006,    // RFC 5061 4.2.6
};

// "state cookie"; "parameter 0x1234" for one that has no name.
[[nodiscard]] std::string to_string(ParameterType type);
[[nodiscard]] constexpr UnknownRule rule_for_unknown(ParameterType type) {
  const auto bits = static_cast<uint16_t>(type);
  return {(bits & 0x8000U) != 0, (bits & 0x4000U) != 0};
}

}  // namespace mayfly::sctp
