#include "transport/sctp/packet/cookie/state_cookie.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "transport/sctp/packet/cookie/cookie_signer.h"
#include "transport/sctp/packet/parameter/init_parameters.h"

namespace mayfly::sctp {
namespace {

constexpr Timestamp kCreated{100s};

StateCookie a_cookie() {
  return {.created_at = kCreated,
          .lifespan = 60s,
          .local_port = 9899,
          .peer_port = 5000,
          .local_tag = VerificationTag(1),
          .peer_tag = VerificationTag(2),
          .local_initial_tsn = Tsn(3),
          .peer_initial_tsn = Tsn(4),
          .peer_a_rwnd = 1 << 20,
          .outbound_streams = 16,
          .inbound_streams = 17,
          .local_tie_tag = 0x0102030405060708,
          .peer_tie_tag = 0x090a0b0c0d0e0f10,
          .forward_tsn = true,
          .interleaving = false,
          .source = IpEndpoint::v4({192, 0, 2, 1}, 9899),
          .addresses = {*IpEndpoint::parse("[2001:db8::1]:4", 0)}};
}

CookieSecret secret(int seed) {
  CookieSecret made{};
  std::ranges::generate(made, [&seed] { return static_cast<std::byte>(seed++ & 0xff); });
  return made;
}

TEST(StateCookieTest, SurvivesItsBytes) {
  StateCookie cookie = a_cookie();
  EXPECT_EQ(StateCookie::parse(cookie.serialize()), cookie);
  cookie.addresses.clear();
  EXPECT_EQ(StateCookie::parse(cookie.serialize()), cookie);
}

TEST(StateCookieTest, RefusesOtherBytes) {
  const Bytes bytes = a_cookie().serialize();
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(StateCookie::parse(ByteView(bytes).first(length))) << length;
  }
  Bytes longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(StateCookie::parse(longer));
  Bytes other_version = bytes;
  other_version[0] ^= std::byte{1};
  EXPECT_FALSE(StateCookie::parse(other_version));
}

RC_GTEST_PROP(StateCookieProperty, SurvivesItsBytes,
              (uint32_t tag, uint64_t tie, bool flag, uint32_t number)) {
  StateCookie cookie = a_cookie();
  cookie.peer_tag = VerificationTag(tag);
  cookie.peer_tie_tag = tie;
  cookie.interleaving = flag;
  cookie.forward_tsn = !flag;
  cookie.peer_initial_tsn = Tsn(number);
  cookie.addresses.resize(*rc::gen::inRange<size_t>(0, kMaxPeerAddresses + 1));
  RC_ASSERT(StateCookie::parse(cookie.serialize()) == cookie);
}

// RFC 4231 4.2 and 4.3, whose keys are filled up with zeros to their block anyway (RFC 2104 2).
TEST(HmacSha256Test, AgreesWithTheVectorsOfRfc4231) {
  CookieSecret key{};
  std::fill_n(key.begin(), 20, std::byte{0x0b});
  EXPECT_EQ(to_hex(hmac_sha256(key, as_bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  key = {};
  std::ranges::copy(as_bytes("Jefe"), key.begin());
  EXPECT_EQ(to_hex(hmac_sha256(key, as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(CookieSignerTest, KnowsItsOwn) {
  const CookieSigner signer(secret(1));
  const Bytes bytes = signer.sign(a_cookie());

  const auto verdict = signer.verify(bytes, kCreated + 60s);

  ASSERT_TRUE(std::holds_alternative<StateCookie>(verdict));
  EXPECT_EQ(std::get<StateCookie>(verdict), a_cookie());
}

TEST(CookieSignerTest, RefusesEveryFlippedBit) {
  const CookieSigner signer(secret(1));
  Bytes bytes = signer.sign(a_cookie());
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const auto mask = static_cast<std::byte>(1U << bit % 8);
    bytes[bit / 8] ^= mask;
    ASSERT_TRUE(std::holds_alternative<CookieSigner::NotOurs>(signer.verify(bytes, kCreated)));
    bytes[bit / 8] ^= mask;
  }
  for (size_t length = 0; length < bytes.size(); ++length) {
    ASSERT_TRUE(std::holds_alternative<CookieSigner::NotOurs>(
        signer.verify(ByteView(bytes).first(length), kCreated)));
  }
}

TEST(CookieSignerTest, TellsHowMuchTooLateACookieIs) {
  const CookieSigner signer(secret(1));

  const auto verdict = signer.verify(signer.sign(a_cookie()), kCreated + 60s + 5ms);

  ASSERT_TRUE(std::holds_alternative<CookieSigner::Stale>(verdict));
  EXPECT_EQ(std::get<CookieSigner::Stale>(verdict).by, Duration(5ms));
  EXPECT_EQ(std::get<CookieSigner::Stale>(verdict).cookie, a_cookie());
}

TEST(CookieSignerTest, KnowsTheCookiesOfTheSecretBefore) {
  CookieSigner signer(secret(1));
  const Bytes old = signer.sign(a_cookie());

  signer.replace_secret(secret(2));
  EXPECT_TRUE(std::holds_alternative<StateCookie>(signer.verify(old, kCreated)));
  EXPECT_NE(signer.sign(a_cookie()), old);

  signer.replace_secret(secret(3));
  EXPECT_TRUE(std::holds_alternative<CookieSigner::NotOurs>(signer.verify(old, kCreated)));
}

TEST(CookieSignerTest, RefusesTheCookiesOfOthers) {
  const CookieSigner ours(secret(1));
  const CookieSigner theirs(secret(2));
  EXPECT_TRUE(std::holds_alternative<CookieSigner::NotOurs>(
      ours.verify(theirs.sign(a_cookie()), kCreated)));
}

}  // namespace
}  // namespace mayfly::sctp
