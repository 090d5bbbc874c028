#pragma once

#include <array>
#include <cstddef>

#include "core/bytes.h"

namespace mayfly::sctp {

// A key of HMAC-SHA-256; as long as its output, which is what RFC 2104 3 asks for.
using CookieSecret = std::array<std::byte, 32>;
using Signature = std::array<std::byte, 32>;

// HMAC-SHA-256 (RFC 2104, FIPS 180-4), by libcrypto.
[[nodiscard]] Signature hmac_sha256(const CookieSecret& key, ByteView message);
// Takes as long wherever the two differ, so that nobody can feel their way to a signature.
[[nodiscard]] bool is_same_signature(ByteView a, const Signature& b);

}  // namespace mayfly::sctp
