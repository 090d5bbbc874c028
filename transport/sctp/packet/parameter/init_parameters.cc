#include "transport/sctp/packet/parameter/init_parameters.h"

#include <algorithm>
#include <array>
#include <span>

namespace mayfly::sctp {
namespace {

constexpr size_t kIpv4Bytes = 4;
constexpr size_t kIpv6Bytes = 16;

// Understood, and of no consequence here: the peer may wish for a longer life of its cookie, name
// the kinds of addresses it has, and tell which of our parameters it does not know.
bool is_passed_over(ParameterType type) {
  return type == ParameterType::CookiePreservative ||
         type == ParameterType::SupportedAddressTypes ||
         type == ParameterType::UnrecognizedParameter || type == ParameterType::Padding;
}

// Reads one parameter after another into an InitParameters.
class InitParameterReader {
 public:
  explicit InitParameterReader(InitParameters& out) : out_(out) {}

  enum class Outcome : uint8_t { GoOn, Stop, Malformed };

  Outcome read(const TlvView& parameter) {
    const auto type = static_cast<ParameterType>(parameter.type);
    if (const auto outcome = read_addressing(type, parameter)) return *outcome;
    if (const auto outcome = read_extension(type, parameter)) return *outcome;
    if (type == ParameterType::StateCookie) {
      if (!out_.state_cookie) out_.state_cookie = parameter.value;
      return Outcome::GoOn;
    }
    if (is_passed_over(type)) return Outcome::GoOn;
    return read_unknown(type, parameter);
  }

 private:
  std::optional<Outcome> read_addressing(ParameterType type, const TlvView& parameter) {
    if (type == ParameterType::Ipv4Address) {
      return read_address(IpEndpoint::Family::V4, kIpv4Bytes, parameter.value);
    }
    if (type == ParameterType::Ipv6Address) {
      return read_address(IpEndpoint::Family::V6, kIpv6Bytes, parameter.value);
    }
    if (type == ParameterType::HostName) {
      out_.has_host_name = true;
      out_.host_name = parameter.whole;
      return Outcome::GoOn;
    }
    return std::nullopt;
  }

  std::optional<Outcome> read_extension(ParameterType type, const TlvView& parameter) {
    if (type == ParameterType::ForwardTsnSupported) {
      out_.supports_forward_tsn = true;
      return Outcome::GoOn;
    }
    if (type == ParameterType::SupportedExtensions) {
      out_.supported_extensions = WireList<ChunkType>::from_wire(parameter.value);
      if (out_.supports(ChunkType::ForwardTsn)) out_.supports_forward_tsn = true;
      return Outcome::GoOn;
    }
    if (type == ParameterType::EcnCapable) {
      out_.is_ecn_capable = true;
      return Outcome::GoOn;
    }
    if (type == ParameterType::AdaptationIndication) {
      return read_number(out_.adaptation_indication, parameter.value);
    }
    if (type == ParameterType::ZeroChecksumAcceptable) {
      return read_number(out_.zero_checksum_method, parameter.value);
    }
    return std::nullopt;
  }

  Outcome read_address(IpEndpoint::Family family, size_t bytes, ByteView value) {
    if (value.size() != bytes) return Outcome::Malformed;
    IpEndpoint address;
    address.family = family;
    std::ranges::copy(value, std::as_writable_bytes(std::span(address.address)).begin());
    auto& kept = out_.addresses;
    const bool is_new = std::find(kept.begin(), kept.end(), address) == kept.end();
    if (is_new && kept.size() < kMaxPeerAddresses) kept.push_back(address);
    return Outcome::GoOn;
  }

  static Outcome read_number(std::optional<uint32_t>& number, ByteView value) {
    const auto fixed = fixed_part<4>(value);
    if (!fixed || value.size() != 4) return Outcome::Malformed;
    number = u32_at<0>(*fixed);
    return Outcome::GoOn;
  }

  Outcome read_unknown(ParameterType type, const TlvView& parameter) {
    const UnknownRule rule = rule_for_unknown(type);
    if (rule.reports && out_.to_report.size() < kMaxReportedParameters) {
      out_.to_report.push_back(parameter.whole);
    }
    return rule.goes_on ? Outcome::GoOn : Outcome::Stop;
  }

  InitParameters& out_;
};

}  // namespace

std::optional<InitParameters> InitParameters::parse(ByteView parameters) {
  using Outcome = InitParameterReader::Outcome;
  InitParameters parsed;
  InitParameterReader reader(parsed);
  TlvReader tlvs(parameters);
  while (const auto parameter = tlvs.next()) {
    const Outcome outcome = reader.read(*parameter);
    if (outcome == Outcome::Malformed) return std::nullopt;
    if (outcome == Outcome::Stop) return parsed;
  }
  if (tlvs.is_malformed()) return std::nullopt;
  return parsed;
}

bool InitParameters::supports(ChunkType extension) const {
  return std::find(supported_extensions.begin(), supported_extensions.end(), extension) !=
         supported_extensions.end();
}

void InitParameterWriter::address(const IpEndpoint& address) {
  const bool is_v4 = address.family == IpEndpoint::Family::V4;
  const auto type = is_v4 ? ParameterType::Ipv4Address : ParameterType::Ipv6Address;
  tlvs_.add(static_cast<uint16_t>(type),
            std::as_bytes(std::span(address.address)).first(is_v4 ? kIpv4Bytes : kIpv6Bytes));
}

void InitParameterWriter::state_cookie(ByteView cookie) {
  tlvs_.add(static_cast<uint16_t>(ParameterType::StateCookie), cookie);
}

void InitParameterWriter::unrecognized(ByteView parameter) {
  tlvs_.add(static_cast<uint16_t>(ParameterType::UnrecognizedParameter), parameter);
}

void InitParameterWriter::forward_tsn_supported() {
  tlvs_.add(static_cast<uint16_t>(ParameterType::ForwardTsnSupported), ByteView());
}

void InitParameterWriter::supported_extensions(const WireList<ChunkType>& chunks) {
  auto writer =
      tlvs_.add(static_cast<uint16_t>(ParameterType::SupportedExtensions), chunks.bytes());
  chunks.serialize_to(writer);
}

void InitParameterWriter::adaptation_indication(uint32_t indication) {
  tlvs_.add(static_cast<uint16_t>(ParameterType::AdaptationIndication), 4).u32(indication);
}

void InitParameterWriter::zero_checksum_acceptable(uint32_t method) {
  tlvs_.add(static_cast<uint16_t>(ParameterType::ZeroChecksumAcceptable), 4).u32(method);
}

}  // namespace mayfly::sctp
