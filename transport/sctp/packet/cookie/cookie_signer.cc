#include "transport/sctp/packet/cookie/cookie_signer.h"

namespace mayfly::sctp {
namespace {

constexpr size_t kSignatureBytes = std::tuple_size_v<Signature>;

}  // namespace

void CookieSigner::replace_secret(const CookieSecret& secret) {
  previous_ = current_;
  current_ = secret;
}

Bytes CookieSigner::sign(const StateCookie& cookie) const {
  Bytes bytes = cookie.serialize();
  const Signature signature = hmac_sha256(current_, bytes);
  bytes.insert(bytes.end(), signature.begin(), signature.end());
  return bytes;
}

CookieSigner::Verdict CookieSigner::verify(ByteView signed_cookie, Timestamp now) const {
  if (signed_cookie.size() < kSignatureBytes) return NotOurs{};
  const ByteView bytes = signed_cookie.first(signed_cookie.size() - kSignatureBytes);
  const ByteView signature = signed_cookie.last(kSignatureBytes);
  const bool is_ours = is_same_signature(signature, hmac_sha256(current_, bytes)) ||
                       (previous_ && is_same_signature(signature, hmac_sha256(*previous_, bytes)));
  if (!is_ours) return NotOurs{};
  auto cookie = StateCookie::parse(bytes);
  if (!cookie) return NotOurs{};
  const Timestamp last_good = cookie->created_at + cookie->lifespan;
  if (now > last_good) return Stale{*std::move(cookie), now - last_good};
  return *std::move(cookie);
}

}  // namespace mayfly::sctp
