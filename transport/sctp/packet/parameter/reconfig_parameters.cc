#include "transport/sctp/packet/parameter/reconfig_parameters.h"

#include <fmt/format.h>

#include "transport/sctp/packet/parameter/parameter_type.h"

namespace mayfly::sctp {
namespace {

using Parsed = std::optional<ReconfigParameter>;

// The streams listed at the end of a request.
std::optional<WireList<StreamId>> streams_in(ByteView list) {
  if (list.size() % WireRecord<StreamId>::kBytes != 0) return std::nullopt;
  return WireList<StreamId>::from_wire(list);
}

//   |     Parameter Type = 13       | Parameter Length = 16 + 2 * N |
//   |           Re-configuration Request Sequence Number            |
//   |           Re-configuration Response Sequence Number           |
//   |                Sender's Last Assigned TSN                     |
//   |  Stream Number 1 (optional)   |    Stream Number 2 (optional) |
Parsed parse_outgoing(ByteView value) {
  const auto fixed = fixed_part<12>(value);
  if (!fixed) return std::nullopt;
  const auto streams = streams_in(value.subspan(12));
  if (!streams) return std::nullopt;
  return OutgoingResetRequest{.sequence = ReconfigSequence(u32_at<0>(*fixed)),
                              .response_to = ReconfigSequence(u32_at<4>(*fixed)),
                              .last_tsn = Tsn(u32_at<8>(*fixed)),
                              .streams = *streams};
}

//   |     Parameter Type = 14       |  Parameter Length = 8 + 2 * N |
//   |           Re-configuration Request Sequence Number            |
//   |  Stream Number 1 (optional)   |    Stream Number 2 (optional) |
Parsed parse_incoming(ByteView value) {
  const auto fixed = fixed_part<4>(value);
  if (!fixed) return std::nullopt;
  const auto streams = streams_in(value.subspan(4));
  if (!streams) return std::nullopt;
  return IncomingResetRequest{.sequence = ReconfigSequence(u32_at<0>(*fixed)), .streams = *streams};
}

//   |     Parameter Type = 15       |      Parameter Length = 8     |
//   |           Re-configuration Request Sequence Number            |
Parsed parse_ssn_tsn(ByteView value) {
  const auto fixed = fixed_part<4>(value);
  if (!fixed || value.size() != 4) return std::nullopt;
  return SsnTsnResetRequest{.sequence = ReconfigSequence(u32_at<0>(*fixed))};
}

//   |     Parameter Type = 16       |   Parameter Length = 12 or 20 |
//   |         Re-configuration Response Sequence Number             |
//   |                            Result                             |
//   |                   Sender's Next TSN (optional)                |
//   |                  Receiver's Next TSN (optional)               |
Parsed parse_response(ByteView value) {
  const auto fixed = fixed_part<8>(value);
  if (!fixed) return std::nullopt;
  ReconfigResponse response{.response_to = ReconfigSequence(u32_at<0>(*fixed)),
                            .result = static_cast<ReconfigResult>(u32_at<4>(*fixed)),
                            .next_tsns = {}};
  if (value.size() == 8) return response;
  const auto tsns = fixed_part<8>(value.subspan(8));
  if (!tsns || value.size() != 16) return std::nullopt;
  response.next_tsns = {.sender = Tsn(u32_at<0>(*tsns)), .receiver = Tsn(u32_at<4>(*tsns))};
  return response;
}

//   |   Parameter Type = 17 or 18   |      Parameter Length = 12    |
//   |           Re-configuration Request Sequence Number            |
//   |      Number of new streams    |         Reserved              |
template <class Request>
Parsed parse_addition(ByteView value) {
  const auto fixed = fixed_part<8>(value);
  if (!fixed || value.size() != 8) return std::nullopt;
  return Request{.sequence = ReconfigSequence(u32_at<0>(*fixed)), .count = u16_at<4>(*fixed)};
}

Parsed parse_one(const TlvView& parameter) {
  switch (parameter.type) {
    case static_cast<uint16_t>(ParameterType::OutgoingResetRequest):
      return parse_outgoing(parameter.value);
    case static_cast<uint16_t>(ParameterType::IncomingResetRequest):
      return parse_incoming(parameter.value);
    case static_cast<uint16_t>(ParameterType::SsnTsnResetRequest):
      return parse_ssn_tsn(parameter.value);
    case static_cast<uint16_t>(ParameterType::ReconfigResponse):
      return parse_response(parameter.value);
    case static_cast<uint16_t>(ParameterType::AddOutgoingStreams):
      return parse_addition<AddOutgoingStreams>(parameter.value);
    case static_cast<uint16_t>(ParameterType::AddIncomingStreams):
      return parse_addition<AddIncomingStreams>(parameter.value);
    default: return std::nullopt;
  }
}

// The pairs of RFC 6525 3.1, in either order: the two resets, the two additions, a response with an
// outgoing reset, and two responses.
bool may_stand_together(const ReconfigParameter& a, const ReconfigParameter& b) {
  const auto are = [&]<class A, class B>(A*, B*) {
    return (std::holds_alternative<A>(a) && std::holds_alternative<B>(b)) ||
           (std::holds_alternative<B>(a) && std::holds_alternative<A>(b));
  };
  OutgoingResetRequest* const outgoing = nullptr;
  IncomingResetRequest* const incoming = nullptr;
  ReconfigResponse* const response = nullptr;
  AddOutgoingStreams* const more_outgoing = nullptr;
  AddIncomingStreams* const more_incoming = nullptr;
  return are(outgoing, incoming) || are(more_outgoing, more_incoming) || are(response, outgoing) ||
         are(response, response);
}

class Writer {
 public:
  explicit Writer(TlvWriter& tlvs) : tlvs_(tlvs) {}

  void operator()(const OutgoingResetRequest& request) const {
    auto writer = add(ParameterType::OutgoingResetRequest, 12 + request.streams.bytes());
    writer.u32(request.sequence.value());
    writer.u32(request.response_to.value());
    writer.u32(request.last_tsn.value());
    request.streams.serialize_to(writer);
  }
  void operator()(const IncomingResetRequest& request) const {
    auto writer = add(ParameterType::IncomingResetRequest, 4 + request.streams.bytes());
    writer.u32(request.sequence.value());
    request.streams.serialize_to(writer);
  }
  void operator()(const SsnTsnResetRequest& request) const {
    add(ParameterType::SsnTsnResetRequest, 4).u32(request.sequence.value());
  }
  void operator()(const ReconfigResponse& response) const {
    auto writer = add(ParameterType::ReconfigResponse, response.next_tsns ? 16 : 8);
    writer.u32(response.response_to.value());
    writer.u32(static_cast<uint32_t>(response.result));
    if (!response.next_tsns) return;
    writer.u32(response.next_tsns->sender.value());
    writer.u32(response.next_tsns->receiver.value());
  }
  void operator()(const AddOutgoingStreams& request) const {
    write_addition(ParameterType::AddOutgoingStreams, request.sequence, request.count);
  }
  void operator()(const AddIncomingStreams& request) const {
    write_addition(ParameterType::AddIncomingStreams, request.sequence, request.count);
  }

 private:
  [[nodiscard]] FieldWriter add(ParameterType type, size_t value_bytes) const {
    return tlvs_.add(static_cast<uint16_t>(type), value_bytes);
  }
  void write_addition(ParameterType type, ReconfigSequence sequence, uint16_t count) const {
    auto writer = add(type, 8);
    writer.u32(sequence.value());
    writer.u16(count);
    writer.u16(0);
  }

  TlvWriter& tlvs_;
};

std::string streams_text(const WireList<StreamId>& streams) {
  if (streams.empty()) return "all";
  std::string text;
  for (const StreamId stream : streams) {
    text += (text.empty() ? "" : ",") + std::to_string(stream.value());
  }
  return text;
}

struct Text {
  std::string operator()(const OutgoingResetRequest& request) const {
    return fmt::format("outgoing-reset {} response_to={} last_tsn={} streams={}",
                       request.sequence.value(), request.response_to.value(),
                       request.last_tsn.value(), streams_text(request.streams));
  }
  std::string operator()(const IncomingResetRequest& request) const {
    return fmt::format("incoming-reset {} streams={}", request.sequence.value(),
                       streams_text(request.streams));
  }
  std::string operator()(const SsnTsnResetRequest& request) const {
    return fmt::format("ssn-tsn-reset {}", request.sequence.value());
  }
  std::string operator()(const ReconfigResponse& response) const {
    return fmt::format("response_to={} result={}", response.response_to.value(),
                       static_cast<uint32_t>(response.result));
  }
  std::string operator()(const AddOutgoingStreams& request) const {
    return fmt::format("add-outgoing {} count={}", request.sequence.value(), request.count);
  }
  std::string operator()(const AddIncomingStreams& request) const {
    return fmt::format("add-incoming {} count={}", request.sequence.value(), request.count);
  }
};

}  // namespace

std::optional<std::vector<ReconfigParameter>> parse_reconfig_parameters(ByteView parameters) {
  std::vector<ReconfigParameter> parsed;
  TlvReader tlvs(parameters);
  while (const auto tlv = tlvs.next()) {
    auto parameter = parse_one(*tlv);
    if (!parameter || parsed.size() == kMaxReconfigParameters) return std::nullopt;
    parsed.push_back(*std::move(parameter));
  }
  if (tlvs.is_malformed() || parsed.empty()) return std::nullopt;
  if (parsed.size() == 2 && !may_stand_together(parsed[0], parsed[1])) return std::nullopt;
  return parsed;
}

void write_reconfig_parameter(TlvWriter& tlvs, const ReconfigParameter& parameter) {
  std::visit(Writer(tlvs), parameter);
}

Bytes serialize(const std::vector<ReconfigParameter>& parameters) {
  Bytes bytes;
  TlvWriter tlvs(bytes);
  for (const ReconfigParameter& each : parameters) write_reconfig_parameter(tlvs, each);
  return bytes;
}

std::string to_string(const ReconfigParameter& parameter) { return std::visit(Text{}, parameter); }

}  // namespace mayfly::sctp
