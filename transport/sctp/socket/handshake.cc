#include "transport/sctp/socket/handshake.h"

#include <algorithm>

#include "transport/sctp/packet/error_cause.h"
#include "transport/sctp/packet/packet_view.h"
#include "transport/sctp/socket/chunk_bytes.h"

namespace mayfly::sctp {
namespace {

// What we understand beyond RFC 9260, as RFC 5061 4.2.7 has it listed.
std::vector<ChunkType> extensions(const SocketOptions& options) {
  std::vector<ChunkType> list = {ChunkType::ForwardTsn};
  if (options.interleaving) {
    list.push_back(ChunkType::IData);
    list.push_back(ChunkType::IForwardTsn);
  }
  return list;
}

void write_common(InitParameterWriter& writer, const SocketOptions& options,
                  const std::vector<IpEndpoint>& addresses) {
  for (const IpEndpoint& address : addresses) writer.address(address);
  writer.supported_extensions(extensions(options));
  writer.forward_tsn_supported();
}

// How much of a peer's parameters that are not understood is told back to it. Nothing asks for
// more, and a stranger must not choose how long an answer is.
constexpr size_t kMaxReportedBytes = 512;

// In `room` bytes; what is beyond is not told.
void report(const std::vector<ByteView>& unknown, size_t room, InitParameterWriter& writer) {
  for (const ByteView each : unknown) {
    const size_t bytes = padded(kTlvHeaderBytes + each.size());
    if (bytes > room) return;
    writer.unrecognized(each);
    room -= bytes;
  }
}

bool interleaves(const SocketOptions& options, const InitParameters& peer) {
  // RFC 8260 2.2.1: both list I-DATA; and without its FORWARD TSN nothing could be given up.
  return options.interleaving && peer.supports(ChunkType::IData) &&
         peer.supports(ChunkType::IForwardTsn);
}

std::vector<IpEndpoint> with_port_of(const IpEndpoint& source, std::vector<IpEndpoint> addresses) {
  // RFC 6951 5.2: the same UDP port for all addresses until another is seen.
  for (IpEndpoint& address : addresses) address.port = source.port;
  std::erase(addresses, source);
  return addresses;
}

}  // namespace

uint32_t announced_window(const SocketOptions& options) {
  return static_cast<uint32_t>(
      std::min<size_t>(options.transport.socket_receive_buffer_bytes, UINT32_MAX));
}

Bytes make_init(const SocketOptions& options, const LocalSide& local,
                const std::vector<IpEndpoint>& addresses) {
  Bytes parameters;
  InitParameterWriter writer(parameters);
  write_common(writer, options, addresses);
  return chunk_bytes(InitChunk{.initiate_tag = local.tag,
                               .a_rwnd = announced_window(options),
                               .outbound_streams = options.transport.streams,
                               .inbound_streams = options.transport.streams,
                               .initial_tsn = local.initial_tsn,
                               .parameters = parameters});
}

std::optional<Refusal> refusal_of(VerificationTag tag, uint16_t outbound, uint16_t inbound,
                                  ByteView bytes) {
  Refusal refusal;
  CauseWriter causes(refusal.causes);
  const auto parameters = InitParameters::parse(bytes);
  if (!parameters) {
    causes.protocol_violation("malformed parameters");
    refusal.reason = "it offered malformed parameters";
  } else if (tag == VerificationTag(0) || outbound == 0 || inbound == 0) {
    causes.invalid_mandatory_parameter();  // RFC 9260 3.3.2
    refusal.reason = "it offered no tag or no streams";
  } else if (parameters->has_host_name) {
    causes.unresolvable_address(parameters->host_name);  // RFC 9260 3.3.2.1.4
    refusal.reason = "it gave a host name for its address";
  } else {
    return std::nullopt;
  }
  return refusal;
}

Bytes make_init_ack(const SocketOptions& options, const InitChunk& init, const IpEndpoint& source,
                    uint16_t peer_port, const InitAnswer& answer,
                    const std::vector<IpEndpoint>& addresses, const CookieSigner& signer,
                    Timestamp now) {
  const auto peer = InitParameters::parse(init.parameters).value_or(InitParameters{});
  StateCookie cookie;
  cookie.created_at = now;
  cookie.lifespan = options.cookie_lifespan;
  cookie.local_port = answer.local.port;
  cookie.peer_port = peer_port;
  cookie.local_tag = answer.local.tag;
  cookie.peer_tag = init.initiate_tag;
  cookie.local_initial_tsn = answer.local.initial_tsn;
  cookie.peer_initial_tsn = init.initial_tsn;
  cookie.peer_a_rwnd = init.a_rwnd;
  cookie.outbound_streams = std::min(options.transport.streams, init.inbound_streams);
  cookie.inbound_streams = std::min(options.transport.streams, init.outbound_streams);
  cookie.local_tie_tag = answer.local_tie_tag;
  cookie.peer_tie_tag = answer.peer_tie_tag;
  cookie.forward_tsn = peer.supports_forward_tsn;
  cookie.interleaving = interleaves(options, peer);
  cookie.source = source;
  cookie.addresses = with_port_of(source, peer.addresses);

  Bytes parameters;
  InitParameterWriter writer(parameters);
  writer.state_cookie(signer.sign(cookie));
  write_common(writer, options, addresses);
  const size_t used = kCommonHeaderBytes + InitAckChunk::kHeaderBytes + padded(parameters.size());
  const size_t most = std::max(options.transport.max_packet_bytes, used) - used;
  report(peer.to_report, std::min(most, kMaxReportedBytes), writer);
  return chunk_bytes(InitAckChunk{.initiate_tag = answer.local.tag,
                                  .a_rwnd = announced_window(options),
                                  .outbound_streams = cookie.outbound_streams,
                                  .inbound_streams = options.transport.streams,
                                  .initial_tsn = answer.local.initial_tsn,
                                  .parameters = parameters});
}

Agreement agreement_of(const StateCookie& cookie) {
  return {.peer_tag = cookie.peer_tag,
          .peer_initial_tsn = cookie.peer_initial_tsn,
          .peer_a_rwnd = cookie.peer_a_rwnd,
          .outgoing_streams = cookie.outbound_streams,
          .incoming_streams = cookie.inbound_streams,
          .forward_tsn = cookie.forward_tsn,
          .interleaving = cookie.interleaving,
          .addresses = cookie.addresses};
}

Agreement agreement_of(const SocketOptions& options, const InitAckChunk& init_ack,
                       const InitParameters& parameters, const IpEndpoint& source) {
  return {.peer_tag = init_ack.initiate_tag,
          .peer_initial_tsn = init_ack.initial_tsn,
          .peer_a_rwnd = init_ack.a_rwnd,
          .outgoing_streams = std::min(options.transport.streams, init_ack.inbound_streams),
          .incoming_streams = std::min(options.transport.streams, init_ack.outbound_streams),
          .forward_tsn = parameters.supports_forward_tsn,
          .interleaving = interleaves(options, parameters),
          .addresses = with_port_of(source, parameters.addresses)};
}

}  // namespace mayfly::sctp
