#include "transport/sctp/packet/chunk/heartbeat_info.h"

#include "transport/sctp/packet/tlv.h"

namespace mayfly::sctp {
namespace {

constexpr uint16_t kHeartbeatInfo = 1;

}  // namespace

std::optional<ByteView> read_heartbeat_info(ByteView chunk_value) {
  const auto parameter = TlvReader(chunk_value).next();
  if (!parameter || parameter->type != kHeartbeatInfo) return std::nullopt;
  return parameter->value;
}

void write_heartbeat_info(FieldWriter& writer, ByteView info) {
  writer.u16(kHeartbeatInfo);
  writer.u16(static_cast<uint16_t>(kTlvHeaderBytes + info.size()));
  writer.append(info);
}

}  // namespace mayfly::sctp
