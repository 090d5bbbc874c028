#pragma once

#include <optional>

#include "core/bytes.h"
#include "transport/sctp/packet/big_endian.h"

namespace mayfly::sctp {

// The one parameter of HEARTBEAT and HEARTBEAT ACK (RFC 9260 3.3.5): its value, a view.
[[nodiscard]] std::optional<ByteView> read_heartbeat_info(ByteView chunk_value);
void write_heartbeat_info(FieldWriter& writer, ByteView info);

}  // namespace mayfly::sctp
