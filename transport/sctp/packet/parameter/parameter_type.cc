#include "transport/sctp/packet/parameter/parameter_type.h"

#include <fmt/format.h>

namespace mayfly::sctp {

std::string to_string(ParameterType type) {
  switch (type) {
    case ParameterType::HeartbeatInfo: return "heartbeat info";
    case ParameterType::Ipv4Address: return "IPv4 address";
    case ParameterType::Ipv6Address: return "IPv6 address";
    case ParameterType::StateCookie: return "state cookie";
    case ParameterType::UnrecognizedParameter: return "unrecognized parameter";
    case ParameterType::CookiePreservative: return "cookie preservative";
    case ParameterType::HostName: return "host name";
    case ParameterType::SupportedAddressTypes: return "supported address types";
    case ParameterType::OutgoingResetRequest: return "outgoing reset request";
    case ParameterType::IncomingResetRequest: return "incoming reset request";
    case ParameterType::SsnTsnResetRequest: return "SSN/TSN reset request";
    case ParameterType::ReconfigResponse: return "re-configuration response";
    case ParameterType::AddOutgoingStreams: return "add outgoing streams";
    case ParameterType::AddIncomingStreams: return "add incoming streams";
    case ParameterType::EcnCapable: return "ECN capable";
    case ParameterType::ZeroChecksumAcceptable: return "zero checksum acceptable";
    case ParameterType::Random: return "random";
    case ParameterType::ChunkList: return "chunk list";
    case ParameterType::RequestedHmac: return "requested HMAC algorithm";
    case ParameterType::Padding: return "padding";
    case ParameterType::SupportedExtensions: return "supported extensions";
    case ParameterType::ForwardTsnSupported: return "forward TSN supported";
    case ParameterType::AdaptationIndication: return "adaptation layer indication";
  }
  return fmt::format("parameter {:#06x}", static_cast<unsigned>(type));
}

}  // namespace mayfly::sctp
