#include "transport/sctp/packet/cookie/unguessable_numbers.h"

#include <gtest/gtest.h>

#include <set>

#include "core/bytes.h"
#include "tests/support/hex.h"

namespace mayfly::sctp {
namespace {

constexpr CookieSecret kKey{std::byte{1}};

TEST(UnguessableNumbersTest, AreTheHmacsOfACounter) {
  const Signature first = hmac_sha256(kKey, from_hex("0000000000000000"));
  const Signature second = hmac_sha256(kKey, from_hex("0000000000000001"));
  UnguessableNumbers numbers(kKey);

  EXPECT_EQ(numbers.u64(), ByteReader(first).u64());
  EXPECT_EQ(numbers.u32(), ByteReader(ByteView(first).subspan(8)).u32());
  const CookieSecret secret = numbers.secret();
  EXPECT_EQ(to_hex(secret),
            to_hex(ByteView(first).subspan(12)) + to_hex(ByteView(second).first(12)));
}

TEST(UnguessableNumbersTest, FollowFromTheirKeyAlone) {
  UnguessableNumbers numbers(kKey);
  UnguessableNumbers same(kKey);
  UnguessableNumbers other(CookieSecret{std::byte{2}});
  std::set<uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t number = numbers.u64();
    EXPECT_EQ(number, same.u64());
    EXPECT_TRUE(seen.insert(number).second);
    EXPECT_TRUE(seen.insert(other.u64()).second);
  }
}

TEST(UnguessableNumbersTest, AreNotZeroWhereThatIsAskedFor) {
  UnguessableNumbers numbers(kKey);
  for (int i = 0; i < 1000; ++i) EXPECT_NE(numbers.u32_but_zero(), 0U);
}

}  // namespace
}  // namespace mayfly::sctp
