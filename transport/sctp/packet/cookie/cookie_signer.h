#pragma once

#include <optional>
#include <variant>

#include "core/bytes.h"
#include "core/units.h"
#include "transport/sctp/packet/cookie/hmac_sha256.h"
#include "transport/sctp/packet/cookie/state_cookie.h"

namespace mayfly::sctp {

// Signs state cookies and knows its own again (RFC 9260 5.1.3, 5.1.5): HMAC-SHA-256 under a secret
// that is replaced now and then, so that one who found it out has little of it. The secret before
// is still good for cookies that are under way. Pure: secrets and time come from outside.
class CookieSigner {
 public:
  explicit CookieSigner(const CookieSecret& secret) : current_(secret) {}

  // From now on signs with `secret`; cookies of the secret before the last are no longer known. Two
  // replacements should lie further apart than a cookie's lifespan.
  void replace_secret(const CookieSecret& secret);

  [[nodiscard]] Bytes sign(const StateCookie& cookie) const;

  // The bytes are not a cookie of ours, or were changed: they deserve no answer.
  struct NotOurs {};
  // Ours, but echoed too late, by that much: deserves an ERROR of that cause (RFC 9260 5.1.5). The
  // cookie is given as well: whether to answer is seen from its tags (RFC 9260 5.2.4, rule 3).
  struct Stale {
    StateCookie cookie;
    Duration by{};
  };
  using Verdict = std::variant<StateCookie, Stale, NotOurs>;
  [[nodiscard]] Verdict verify(ByteView signed_cookie, Timestamp now) const;

 private:
  CookieSecret current_;
  std::optional<CookieSecret> previous_;
};

}  // namespace mayfly::sctp
