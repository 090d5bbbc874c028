#include "transport/sctp/packet/error_cause.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "transport/sctp/packet/parameter/parameter_type.h"

namespace mayfly::sctp {
namespace {

// A chunk holds 64 kB of causes; nobody reads more than this of them.
constexpr size_t kMaxTextBytes = 1024;

// What a peer wrote is shown to people: control characters could rewrite their terminal.
std::string printable(ByteView bytes) {
  std::string text(as_text(bytes.first(std::min(bytes.size(), kMaxTextBytes))));
  std::replace_if(
      text.begin(), text.end(), [](unsigned char each) { return each < 0x20 || each == 0x7f; },
      '?');
  return text;
}

// Null where the code has no name.
const char* name_of(CauseCode code) {
  switch (code) {
    case CauseCode::InvalidStreamIdentifier: return "invalid stream identifier";
    case CauseCode::MissingMandatoryParameter: return "missing mandatory parameter";
    case CauseCode::StaleCookie: return "stale cookie";
    case CauseCode::OutOfResource: return "out of resource";
    case CauseCode::UnresolvableAddress: return "unresolvable address";
    case CauseCode::UnrecognizedChunkType: return "unrecognized chunk type";
    case CauseCode::InvalidMandatoryParameter: return "invalid mandatory parameter";
    case CauseCode::UnrecognizedParameters: return "unrecognized parameters";
    case CauseCode::NoUserData: return "no user data";
    case CauseCode::CookieReceivedWhileShuttingDown: return "cookie received while shutting down";
    case CauseCode::RestartWithNewAddresses: return "restart with new addresses";
    case CauseCode::UserInitiatedAbort: return "user-initiated abort";
    case CauseCode::ProtocolViolation: return "protocol violation";
    case CauseCode::DeletionOfLastAddress: return "request to delete the last address";
    case CauseCode::ResourceShortage: return "refused for lack of resources";
    case CauseCode::DeletionOfSourceAddress: return "request to delete the source address";
    case CauseCode::IllegalAsconfAck: return "illegal ASCONF-ACK";
    case CauseCode::NoAuthorization: return "refused for lack of authorization";
    case CauseCode::UnsupportedHmac: return "unsupported HMAC identifier";
  }
  return nullptr;
}

std::string text_of_parameters(ByteView parameters) {
  std::string text;
  TlvReader tlvs(parameters);
  for (auto each = tlvs.next(); each && text.size() < kMaxTextBytes; each = tlvs.next()) {
    text += (text.empty() ? "" : ", ") + to_string(static_cast<ParameterType>(each->type));
  }
  return text;
}

// What the cause holds beside its code, where people can make something of it.
std::string details_of(const TlvView& cause) {
  if (const auto stream = invalid_stream_of(cause)) return fmt::format("{}", stream->value());
  if (const auto tsn = empty_data_of(cause)) return fmt::format("TSN {}", tsn->value());
  if (const auto by = staleness_of(cause)) return fmt::format("{} ms late", by->count() / 1000);
  switch (static_cast<CauseCode>(cause.type)) {
    case CauseCode::UserInitiatedAbort:
    case CauseCode::ProtocolViolation: return printable(cause.value);
    case CauseCode::UnrecognizedChunkType: {
      const auto type = fixed_part<1>(cause.value);
      return type ? to_string(static_cast<ChunkType>(u8_at<0>(*type))) : std::string();
    }
    case CauseCode::UnrecognizedParameters:
    case CauseCode::UnresolvableAddress:
    case CauseCode::RestartWithNewAddresses: return text_of_parameters(cause.value);
    case CauseCode::InvalidStreamIdentifier:
    case CauseCode::MissingMandatoryParameter:
    case CauseCode::StaleCookie:
    case CauseCode::OutOfResource:
    case CauseCode::InvalidMandatoryParameter:
    case CauseCode::NoUserData:
    case CauseCode::CookieReceivedWhileShuttingDown:
    case CauseCode::DeletionOfLastAddress:
    case CauseCode::ResourceShortage:
    case CauseCode::DeletionOfSourceAddress:
    case CauseCode::IllegalAsconfAck:
    case CauseCode::NoAuthorization:
    case CauseCode::UnsupportedHmac: return {};
  }
  return {};
}

}  // namespace

std::string to_string(CauseCode code) {
  const char* const name = name_of(code);
  return name != nullptr ? name : fmt::format("cause {}", static_cast<unsigned>(code));
}

std::string cause_text(const TlvView& cause) {
  const std::string name = to_string(static_cast<CauseCode>(cause.type));
  const std::string details = details_of(cause);
  return details.empty() ? name : name + ": " + details;
}

std::string causes_text(ByteView causes) {
  std::string text;
  TlvReader reader(causes);
  for (auto cause = reader.next(); cause && text.size() < kMaxTextBytes; cause = reader.next()) {
    text += (text.empty() ? "" : ", ") + cause_text(*cause);
  }
  return text.empty() ? "no reason given" : text;
}

std::optional<std::string> user_abort_text(ByteView causes) {
  TlvReader reader(causes);
  while (const auto cause = reader.next()) {
    if (static_cast<CauseCode>(cause->type) == CauseCode::UserInitiatedAbort) {
      return printable(cause->value);
    }
  }
  return std::nullopt;
}

bool has_cause(ByteView causes, CauseCode code) {
  TlvReader reader(causes);
  while (const auto cause = reader.next()) {
    if (static_cast<CauseCode>(cause->type) == code) return true;
  }
  return false;
}

//   |     Cause Code = 1            |      Cause Length = 8         |
//   |        Stream Identifier      |         (Reserved)            |
void CauseWriter::invalid_stream_identifier(StreamId stream) {
  auto writer = tlvs_.add(static_cast<uint16_t>(CauseCode::InvalidStreamIdentifier), 4);
  writer.u16(stream.value());
  writer.u16(0);
}

//   |     Cause Code = 2            |   Cause Length = 8 + N * 2    |
//   |                   Number of missing params = N                |
//   |     Missing Param Type #1     |   Missing Param Type #2       |
void CauseWriter::missing_mandatory_parameters(std::span<const uint16_t> types) {
  auto writer =
      tlvs_.add(static_cast<uint16_t>(CauseCode::MissingMandatoryParameter), 4 + 2 * types.size());
  writer.u32(static_cast<uint32_t>(types.size()));
  for (const uint16_t type : types) writer.u16(type);
}

//   |     Cause Code = 3            |       Cause Length = 8        |
//   |                 Measure of Staleness (usec)                   |
void CauseWriter::stale_cookie(Duration staleness) {
  constexpr int64_t kMost = std::numeric_limits<uint32_t>::max();
  tlvs_.add(static_cast<uint16_t>(CauseCode::StaleCookie), 4)
      .u32(static_cast<uint32_t>(std::clamp<int64_t>(staleness.count(), 0, kMost)));
}

void CauseWriter::out_of_resource() { add(CauseCode::OutOfResource, {}); }

void CauseWriter::unresolvable_address(ByteView parameter) {
  add(CauseCode::UnresolvableAddress, parameter);
}

void CauseWriter::unrecognized_chunk(const ChunkView& chunk) {
  add(CauseCode::UnrecognizedChunkType, chunk.whole);
}

void CauseWriter::invalid_mandatory_parameter() { add(CauseCode::InvalidMandatoryParameter, {}); }

void CauseWriter::unrecognized_parameters(ByteView parameters) {
  add(CauseCode::UnrecognizedParameters, parameters);
}

//   |     Cause Code = 9            |       Cause Length = 8        |
//   |                              TSN                              |
void CauseWriter::no_user_data(Tsn tsn) {
  tlvs_.add(static_cast<uint16_t>(CauseCode::NoUserData), 4).u32(tsn.value());
}

void CauseWriter::cookie_received_while_shutting_down() {
  add(CauseCode::CookieReceivedWhileShuttingDown, {});
}

void CauseWriter::restart_with_new_addresses(ByteView addresses) {
  add(CauseCode::RestartWithNewAddresses, addresses);
}

void CauseWriter::user_initiated_abort(std::string_view reason) {
  add(CauseCode::UserInitiatedAbort, as_bytes(reason));
}

void CauseWriter::protocol_violation(std::string_view what) {
  add(CauseCode::ProtocolViolation, as_bytes(what));
}

void CauseWriter::add(CauseCode code, ByteView value) {
  tlvs_.add(static_cast<uint16_t>(code), value.first(std::min(value.size(), kMaxEchoBytes)));
}

std::optional<StreamId> invalid_stream_of(const TlvView& cause) {
  const auto fixed = fixed_part<4>(cause.value);
  const bool is_it = static_cast<CauseCode>(cause.type) == CauseCode::InvalidStreamIdentifier;
  if (!is_it || !fixed) return std::nullopt;
  return StreamId(u16_at<0>(*fixed));
}

std::optional<Duration> staleness_of(const TlvView& cause) {
  const auto fixed = fixed_part<4>(cause.value);
  const bool is_it = static_cast<CauseCode>(cause.type) == CauseCode::StaleCookie;
  if (!is_it || !fixed) return std::nullopt;
  return Duration(u32_at<0>(*fixed));
}

std::optional<Tsn> empty_data_of(const TlvView& cause) {
  const auto fixed = fixed_part<4>(cause.value);
  const bool is_it = static_cast<CauseCode>(cause.type) == CauseCode::NoUserData;
  if (!is_it || !fixed) return std::nullopt;
  return Tsn(u32_at<0>(*fixed));
}

}  // namespace mayfly::sctp
