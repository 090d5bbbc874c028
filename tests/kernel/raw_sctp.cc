#include "tests/kernel/raw_sctp.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "core/check.h"
#include "transport/socket_address.h"

namespace mayfly {
namespace {

constexpr size_t kIpHeader = 20;
constexpr size_t kCommonHeader = 12;
constexpr size_t kChunkHeader = 4;
constexpr uint16_t kStateCookie = 7;

// RFC 9260, appendix A; bit by bit, as nothing here is in a hurry.
uint32_t crc32c(ByteView bytes) {
  uint32_t crc = 0xffffffff;
  for (const std::byte each : bytes) {
    crc ^= std::to_integer<uint32_t>(each);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0U);
  }
  return ~crc;
}

void put_ip_header(ByteWriter& writer, const IpEndpoint& from, const IpEndpoint& to) {
  writer.u8(0x45);
  writer.u8(0);
  writer.u16(0);  // the kernel fills in length and checksum
  writer.u32(0);
  writer.u8(64);
  writer.u8(IPPROTO_SCTP);
  writer.u16(0);
  writer.append(std::as_bytes(std::span(from.address)).first(4));
  writer.append(std::as_bytes(std::span(to.address)).first(4));
}

}  // namespace

RawSctp::RawSctp() : socket_(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_SCTP)) {
  const int on = 1;
  MAYFLY_CHECK(setsockopt(socket_.get(), IPPROTO_IP, IP_HDRINCL, &on, sizeof(on)) == 0);
}

void RawSctp::send(const IpEndpoint& from, const IpEndpoint& to, uint32_t verification_tag,
                   uint8_t chunk_type, ByteView chunk_body) const {
  Bytes packet;
  ByteWriter writer(packet);
  put_ip_header(writer, from, to);
  writer.u16(from.port);
  writer.u16(to.port);
  writer.u32(verification_tag);
  writer.u32(0);
  writer.u8(chunk_type);
  writer.u8(0);
  writer.u16(static_cast<uint16_t>(kChunkHeader + chunk_body.size()));
  writer.append(chunk_body);
  packet.resize((packet.size() + 3) / 4 * 4);
  const uint32_t checksum = crc32c(ByteView(packet).subspan(kIpHeader));
  std::memcpy(packet.data() + kIpHeader + 8, &checksum, sizeof(checksum));  // little-endian
  const auto address = socket_address(to, IpEndpoint::Family::V4).value();
  const ssize_t sent =
      sendto(socket_.get(), packet.data(), packet.size(), 0, address.get(), address.length);
  MAYFLY_CHECK(sent == static_cast<ssize_t>(packet.size()));
}

std::optional<Bytes> RawSctp::receive(const IpEndpoint& from, uint16_t to_port,
                                      uint8_t chunk_type) const {
  pollfd readable{socket_.get(), POLLIN, 0};
  while (poll(&readable, 1, 1000) == 1) {
    std::array<std::byte, 2048> buffer{};
    const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count < 0) return std::nullopt;
    ByteReader reader(ByteView(buffer).first(static_cast<size_t>(count)));
    static_cast<void>(reader.take(kIpHeader));
    const bool is_for_us = reader.u16() == from.port && reader.u16() == to_port;
    static_cast<void>(reader.take(kCommonHeader - 4));
    const bool is_wanted = reader.u8() == chunk_type;
    static_cast<void>(reader.u8());
    const size_t length = reader.u16();
    if (!is_for_us || !is_wanted || length < kChunkHeader) continue;
    const ByteView body = reader.take(length - kChunkHeader);
    if (!reader.failed()) return Bytes(body.begin(), body.end());
  }
  return std::nullopt;
}

Bytes init_body(uint32_t tag) {
  Bytes body;
  ByteWriter writer(body);
  writer.u32(tag);
  writer.u32(100'000);  // window
  writer.u16(10);
  writer.u16(10);
  writer.u32(tag);  // first TSN
  return body;
}

std::optional<Invitation> invitation_in(ByteView init_ack_body) {
  ByteReader reader(init_ack_body);
  Invitation found;
  found.tag = reader.u32();
  static_cast<void>(reader.take(12));
  while (!reader.failed() && reader.rest().size() >= kChunkHeader) {
    const uint16_t type = reader.u16();
    const size_t length = reader.u16();
    if (length < kChunkHeader) return std::nullopt;
    const ByteView value = reader.take(length - kChunkHeader);
    if (type == kStateCookie && !reader.failed()) {
      found.cookie.assign(value.begin(), value.end());
      return found;
    }
    static_cast<void>(reader.take((4 - length % 4) % 4));
  }
  return std::nullopt;
}

}  // namespace mayfly
