#include "transport/usrsctp/sctp_packet.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/printable.h"

namespace mayfly {
namespace {

constexpr size_t kMostReasonBytes = 512;

constexpr size_t kChunkHeaderBytes = 4;
constexpr uint16_t kUserInitiatedAbort = 12;

const char* cause_text(uint16_t code) {
  switch (code) {  // RFC 9260 3.3.10
    case 1: return "invalid stream identifier";
    case 2: return "missing mandatory parameter";
    case 3: return "stale cookie";
    case 4: return "out of resource";
    case 5: return "unresolvable address";
    case 6: return "unrecognized chunk type";
    case 7: return "invalid mandatory parameter";
    case 8: return "unrecognized parameters";
    case 9: return "no user data";
    case 10: return "cookie received while shutting down";
    case 11: return "restart with new addresses";
    case 13: return "protocol violation";
    default: return nullptr;
  }
}

}  // namespace

std::optional<SctpPacket> SctpPacket::parse(ByteView bytes) {
  if (bytes.size() < kSctpHeaderBytes + kChunkHeaderBytes) return std::nullopt;
  ByteReader reader(bytes);
  SctpPacket packet;
  packet.bytes_ = bytes;
  packet.source_port_ = reader.u16();
  packet.destination_port_ = reader.u16();
  packet.verification_tag_ = reader.u32();
  ByteView rest = packet.chunks();
  const auto first = next_chunk(rest);
  if (!first) return std::nullopt;
  packet.first_ = *first;
  return packet;
}

std::optional<SctpChunk> SctpPacket::next_chunk(ByteView& rest) {
  ByteReader reader(rest);
  SctpChunk chunk;
  chunk.type = reader.u8();
  chunk.flags = reader.u8();
  const uint16_t length = reader.u16();
  if (reader.failed() || length < kChunkHeaderBytes || length > rest.size()) return std::nullopt;
  chunk.body = rest.subspan(kChunkHeaderBytes, length - kChunkHeaderBytes);
  const size_t padded = (size_t{length} + 3) / 4 * 4;
  rest = rest.subspan(std::min(padded, rest.size()));
  return chunk;
}

std::optional<uint32_t> SctpPacket::initiate_tag(const SctpChunk& chunk) {
  const bool has_one = chunk.type == sctp_chunk::kInit || chunk.type == sctp_chunk::kInitAck;
  if (!has_one || chunk.body.size() < 4) return std::nullopt;
  return ByteReader(chunk.body).u32();
}

std::optional<uint32_t> SctpPacket::tsn(const SctpChunk& chunk) {
  const bool has_one = chunk.type == sctp_chunk::kData || chunk.type == sctp_chunk::kIData;
  if (!has_one || chunk.body.size() < 4) return std::nullopt;
  return ByteReader(chunk.body).u32();
}

std::optional<uint32_t> SctpPacket::cumulative_ack(const SctpChunk& chunk) {
  const bool has_one = chunk.type == sctp_chunk::kSack || chunk.type == sctp_chunk::kShutdown;
  if (!has_one || chunk.body.size() < 4) return std::nullopt;
  return ByteReader(chunk.body).u32();
}

std::string SctpPacket::abort_reason(const SctpChunk& chunk) {
  ByteReader reader(chunk.body);
  const uint16_t code = reader.u16();
  const uint16_t length = reader.u16();
  if (reader.failed() || length < 4) return "no reason given";
  if (code == kUserInitiatedAbort) {
    const ByteView text = reader.take(std::min<size_t>(length - 4U, reader.rest().size()));
    return text.empty() ? "no reason given" : printable(as_text(text), kMostReasonBytes);
  }
  const char* words = cause_text(code);
  return words != nullptr ? words : fmt::format("cause {}", code);
}

Bytes shutdown_complete_for(const SctpPacket& shutdown_ack) {
  Bytes packet;
  ByteWriter writer(packet);
  writer.u16(shutdown_ack.destination_port());
  writer.u16(shutdown_ack.source_port());
  writer.u32(shutdown_ack.verification_tag());
  writer.u32(0);
  writer.u8(sctp_chunk::kShutdownComplete);
  writer.u8(kReflectedTagFlag);
  writer.u16(kChunkHeaderBytes);
  return packet;
}

void set_checksum(Bytes& packet, uint32_t crc32c) {
  for (size_t i = 0; i < 4; ++i) {
    packet.at(8 + i) = static_cast<std::byte>(crc32c >> (8 * i) & 0xff);
  }
}

}  // namespace mayfly
