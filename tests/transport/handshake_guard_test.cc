#include "transport/usrsctp/handshake_guard.h"

#include <gtest/gtest.h>

namespace mayfly {
namespace {

const IpEndpoint kPeer = IpEndpoint::v4({192, 0, 2, 1}, 40'000);
const IpEndpoint kOther = IpEndpoint::v4({192, 0, 2, 2}, 40'000);
constexpr Timestamp kStart{100s};

TEST(HandshakeGuardTest, RationsInitsToABurstAndARate) {
  HandshakeGuard guard({.inits_per_second = 10, .init_burst = 5});

  int admitted = 0;
  for (int i = 0; i < 20; ++i) admitted += guard.admit_init(kStart) ? 1 : 0;
  EXPECT_EQ(admitted, 5);

  EXPECT_FALSE(guard.admit_init(kStart + 50ms));
  EXPECT_TRUE(guard.admit_init(kStart + 150ms));
  EXPECT_FALSE(guard.admit_init(kStart + 150ms));
}

TEST(HandshakeGuardTest, TakesACookieOnlyFromWhereItsInitCame) {
  HandshakeGuard guard;
  guard.answered(77, kPeer);

  EXPECT_TRUE(guard.admit_cookie(77, kPeer));
  EXPECT_FALSE(guard.admit_cookie(77, kOther));
  EXPECT_FALSE(guard.admit_cookie(78, kPeer));
}

TEST(HandshakeGuardTest, ForgetsTheOldestAnswers) {
  HandshakeGuard guard({.remembered = 3});

  for (uint32_t tag = 1; tag <= 4; ++tag) guard.answered(tag, kPeer);

  EXPECT_FALSE(guard.admit_cookie(1, kPeer));
  EXPECT_TRUE(guard.admit_cookie(2, kPeer));
  EXPECT_TRUE(guard.admit_cookie(4, kPeer));
}

}  // namespace
}  // namespace mayfly
