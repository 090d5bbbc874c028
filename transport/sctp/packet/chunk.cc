#include "transport/sctp/packet/chunk.h"

#include <fmt/format.h>

#include <algorithm>

namespace mayfly::sctp {
namespace {

// Null where the type has no name.
const char* name_of(ChunkType type) {
  switch (type) {
    case ChunkType::Data: return "DATA";
    case ChunkType::Init: return "INIT";
    case ChunkType::InitAck: return "INIT ACK";
    case ChunkType::Sack: return "SACK";
    case ChunkType::Heartbeat: return "HEARTBEAT";
    case ChunkType::HeartbeatAck: return "HEARTBEAT ACK";
    case ChunkType::Abort: return "ABORT";
    case ChunkType::Shutdown: return "SHUTDOWN";
    case ChunkType::ShutdownAck: return "SHUTDOWN ACK";
    case ChunkType::Error: return "ERROR";
    case ChunkType::CookieEcho: return "COOKIE ECHO";
    case ChunkType::CookieAck: return "COOKIE ACK";
    case ChunkType::Ecne: return "ECNE";
    case ChunkType::Cwr: return "CWR";
    case ChunkType::ShutdownComplete: return "SHUTDOWN COMPLETE";
    case ChunkType::Auth: return "AUTH";
    case ChunkType::IData: return "I-DATA";
    case ChunkType::AsconfAck: return "ASCONF-ACK";
    case ChunkType::Reconfig: return "RE-CONFIG";
    case ChunkType::Pad: return "PAD";
    case ChunkType::ForwardTsn: return "FORWARD-TSN";
    case ChunkType::Asconf: return "ASCONF";
    case ChunkType::IForwardTsn: return "I-FORWARD-TSN";
  }
  return nullptr;
}

}  // namespace

std::string to_string(ChunkType type) {
  const char* const name = name_of(type);
  return name != nullptr ? name : fmt::format("chunk {}", static_cast<unsigned>(type));
}

std::optional<ChunkView> ChunkReader::next() {
  if (rest_.empty()) return std::nullopt;
  const auto header = fixed_part<kChunkHeaderBytes>(rest_);
  const size_t length = header ? u16_at<2>(*header) : 0;
  if (length < kChunkHeaderBytes || length > rest_.size()) {
    is_malformed_ = true;
    rest_ = {};
    return std::nullopt;
  }
  const ChunkView chunk{.type = static_cast<ChunkType>(u8_at<0>(*header)),
                        .flags = u8_at<1>(*header),
                        .value = rest_.subspan(kChunkHeaderBytes, length - kChunkHeaderBytes),
                        .whole = rest_.first(length)};
  rest_ = rest_.subspan(std::min(padded(length), rest_.size()));
  return chunk;
}

void write_chunk_header(FieldWriter& writer, ChunkType type, uint8_t flags, size_t bytes) {
  MAYFLY_CHECK(bytes >= kChunkHeaderBytes && bytes <= kMaxChunkBytes);
  writer.u8(static_cast<uint8_t>(type));
  writer.u8(flags);
  writer.u16(static_cast<uint16_t>(bytes));
}

}  // namespace mayfly::sctp
