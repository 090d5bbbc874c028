#include "transport/sctp/packet/packet_builder.h"

namespace mayfly::sctp {

PacketBuilder::PacketBuilder(const CommonHeader& header, std::span<std::byte> memory)
    : memory_(memory) {
  FieldWriter writer(memory_);
  write_common_header(writer, header);
}

ByteView PacketBuilder::finish(Checksum checksum) {
  const auto packet = memory_.first(used_);
  if (checksum == Checksum::Crc32c) set_checksum(packet);
  return packet;
}

}  // namespace mayfly::sctp
