#include "transport/sctp/packet/cookie/hmac_sha256.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/check.h"

namespace mayfly::sctp {
namespace {

const unsigned char* octets(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Signature hmac_sha256(const CookieSecret& key, ByteView message) {
  Signature signature{};
  unsigned length = 0;
  const unsigned char* const made =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(message), message.size(),
           reinterpret_cast<unsigned char*>(signature.data()), &length);
  // It fails only where libcrypto is without SHA-256 or memory.
  MAYFLY_CHECK(made != nullptr && length == signature.size());
  return signature;
}

bool is_same_signature(ByteView a, const Signature& b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), b.size()) == 0;
}

}  // namespace mayfly::sctp
