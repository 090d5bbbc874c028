#pragma once

#include "core/bytes.h"
#include "transport/sctp/packet/cookie/hmac_sha256.h"

namespace mayfly {

// A key that follows from a seed, so that a run can be had again.
[[nodiscard]] inline sctp::CookieSecret secret_of(uint64_t seed) {
  Bytes bytes;
  ByteWriter(bytes).u64(seed);
  return sctp::hmac_sha256({}, bytes);
}

}  // namespace mayfly
