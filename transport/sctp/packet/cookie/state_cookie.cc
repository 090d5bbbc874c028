#include "transport/sctp/packet/cookie/state_cookie.h"

#include <algorithm>

#include "core/check.h"
#include "transport/sctp/packet/parameter/init_parameters.h"

namespace mayfly::sctp {
namespace {

// Nobody else reads a cookie, and nobody reads it after a restart: the layout is free to change
// with this number.
constexpr uint8_t kVersion = 2;

constexpr unsigned kForwardTsn = 1;
constexpr unsigned kInterleaving = 2;

unsigned flags_of(const StateCookie& cookie) {
  return (cookie.forward_tsn ? kForwardTsn : 0U) | (cookie.interleaving ? kInterleaving : 0U);
}

void write(ByteWriter& writer, const IpEndpoint& endpoint) {
  writer.u8(endpoint.family == IpEndpoint::Family::V4 ? 4 : 6);
  writer.append(std::as_bytes(std::span(endpoint.address)));
  writer.u16(endpoint.port);
  writer.u32(endpoint.scope_id);
}

IpEndpoint read_endpoint(ByteReader& reader) {
  IpEndpoint endpoint;
  endpoint.family = reader.u8() == 4 ? IpEndpoint::Family::V4 : IpEndpoint::Family::V6;
  for (uint8_t& each : endpoint.address) each = reader.u8();
  endpoint.port = reader.u16();
  endpoint.scope_id = reader.u32();
  return endpoint;
}

void read_agreement(ByteReader& reader, StateCookie& cookie) {
  cookie.local_port = reader.u16();
  cookie.peer_port = reader.u16();
  cookie.local_tag = VerificationTag(reader.u32());
  cookie.peer_tag = VerificationTag(reader.u32());
  cookie.local_initial_tsn = Tsn(reader.u32());
  cookie.peer_initial_tsn = Tsn(reader.u32());
  cookie.peer_a_rwnd = reader.u32();
  cookie.outbound_streams = reader.u16();
  cookie.inbound_streams = reader.u16();
  cookie.local_tie_tag = reader.u64();
  cookie.peer_tie_tag = reader.u64();
}

void write_agreement(ByteWriter& writer, const StateCookie& cookie) {
  writer.u16(cookie.local_port);
  writer.u16(cookie.peer_port);
  writer.u32(cookie.local_tag.value());
  writer.u32(cookie.peer_tag.value());
  writer.u32(cookie.local_initial_tsn.value());
  writer.u32(cookie.peer_initial_tsn.value());
  writer.u32(cookie.peer_a_rwnd);
  writer.u16(cookie.outbound_streams);
  writer.u16(cookie.inbound_streams);
  writer.u64(cookie.local_tie_tag);
  writer.u64(cookie.peer_tie_tag);
}

}  // namespace

std::optional<StateCookie> StateCookie::parse(ByteView bytes) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion) return std::nullopt;
  StateCookie cookie;
  cookie.created_at = Timestamp(Duration(reader.i64()));
  cookie.lifespan = Duration(reader.i64());
  read_agreement(reader, cookie);
  const unsigned flags = reader.u8();
  cookie.forward_tsn = (flags & kForwardTsn) != 0;
  cookie.interleaving = (flags & kInterleaving) != 0;
  cookie.source = read_endpoint(reader);
  const size_t count = reader.u8();
  if (count > kMaxPeerAddresses) return std::nullopt;
  for (size_t i = 0; i < count; ++i) cookie.addresses.push_back(read_endpoint(reader));
  if (reader.failed() || !reader.rest().empty()) return std::nullopt;
  return cookie;
}

Bytes StateCookie::serialize() const {
  MAYFLY_CHECK(addresses.size() <= kMaxPeerAddresses);
  Bytes bytes;
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  writer.i64(created_at.time_since_epoch().count());
  writer.i64(lifespan.count());
  write_agreement(writer, *this);
  writer.u8(static_cast<uint8_t>(flags_of(*this)));
  write(writer, source);
  writer.u8(static_cast<uint8_t>(addresses.size()));
  for (const IpEndpoint& each : addresses) write(writer, each);
  return bytes;
}

}  // namespace mayfly::sctp
