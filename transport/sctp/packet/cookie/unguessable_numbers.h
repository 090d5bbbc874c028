#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>

#include "transport/sctp/packet/cookie/hmac_sha256.h"

namespace mayfly::sctp {

// Numbers that strangers must not foresee: verification tags, initial TSNs, cookie secrets, the
// nonces of heartbeats (RFC 9260 5.3.1, RFC 4086, RFC 5062). Core's Random will not do for these:
// whoever asks for a few hundred associations can compute its state from the tags handed out, and
// from that all later ones. These follow from a key, by HMAC-SHA-256 of a counter, so a test that
// gives the key gets the same numbers; in production it comes from the operating system.
class UnguessableNumbers {
 public:
  explicit UnguessableNumbers(const CookieSecret& key) : key_(key) {}

  [[nodiscard]] uint32_t u32();
  [[nodiscard]] uint64_t u64();
  // Not 0, which no verification tag may be (RFC 9260 3.3.2).
  [[nodiscard]] uint32_t u32_but_zero();
  [[nodiscard]] CookieSecret secret();

 private:
  void fill(std::span<std::byte> out);

  CookieSecret key_;
  uint64_t counter_ = 0;
  Signature block_{};
  size_t used_ = std::tuple_size_v<Signature>;
};

}  // namespace mayfly::sctp
