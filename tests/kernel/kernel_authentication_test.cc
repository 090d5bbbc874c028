#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kernel/kernel_pair.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

KernelTransportOptions with_key(const std::string& digits) {
  KernelTransportOptions options;
  options.auth_key = AuthKey::parse(digits).value();
  return options;
}

const std::string kKey = "00112233445566778899aabbccddeeff";
const std::string kOtherKey = "00112233445566778899aabbccddee00";

// Who does not show the key is given up after three heartbeats.
TransportOptions impatient() {
  TransportOptions options;
  options.demand_heartbeat_interval = 100ms;
  return options;
}

TEST(KernelAuthenticationTest, PeersWithTheSameKeySpeak) {
  KernelPair pair(impatient(), with_key(kKey));
  ASSERT_TRUE(pair.connect());

  for (uint32_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(pair.client->send(message_of(1, patterned(5000, i)), {}));
    ASSERT_TRUE(pair.server->send(message_of(1, patterned(1000, i)), {.lifetime = 5s}));
  }

  EXPECT_TRUE(pair.run_until([&] {
    return pair.server_told.messages.size() == 20 && pair.client_told.messages.size() == 20;
  }));
  pair.run_for(500ms);  // longer than a peer without the key is borne
  EXPECT_EQ(pair.client_told.closed, std::nullopt);
  EXPECT_EQ(pair.server_told.closed, std::nullopt);
}

TEST(KernelAuthenticationTest, APeerWithAnotherKeyIsNotHeard) {
  KernelPair pair(impatient(), with_key(kKey), with_key(kOtherKey));
  ASSERT_TRUE(pair.connect());

  ASSERT_TRUE(pair.client->send(message_of(1, patterned(100, 1)), {}));
  ASSERT_TRUE(pair.server->send(message_of(1, patterned(100, 2)), {}));

  ASSERT_TRUE(pair.run_until([&] { return pair.client_told.closed && pair.server_told.closed; }));
  EXPECT_THAT(pair.server_told.messages, IsEmpty());
  EXPECT_THAT(pair.client_told.messages, IsEmpty());
  // Whoever notices first says so; the other sees that it was aborted.
  const std::string both = pair.client_told.closed->message + pair.server_told.closed->message;
  EXPECT_THAT(both, HasSubstr("has another key for SCTP-AUTH: give both sides the same "
                              "transport.kernel.auth_key_file"));
}

TEST(KernelAuthenticationTest, APeerWithoutAKeyIsSentAway) {
  KernelPair pair(impatient(), with_key(kKey), {});

  static_cast<void>(pair.connect());

  ASSERT_TRUE(pair.run_until([&] { return pair.client_told.closed && pair.server_told.closed; }));
  EXPECT_THAT(pair.server_told.closed->message,
              HasSubstr("has no key for SCTP-AUTH: give both sides the same"));
  EXPECT_THAT(pair.client_told.closed->message, HasSubstr("aborted by the peer"));
  EXPECT_THAT(pair.server_told.messages, IsEmpty());
}

// The empty key is everybody's who has SCTP-AUTH at all.
TEST(KernelAuthenticationTest, APeerWithTheEmptyKeyIsNotHeard) {
  KernelTransportOptions without_key;
  without_key.dynamic_addresses = true;  // which switches on SCTP-AUTH
  KernelPair pair(impatient(), with_key(kKey), without_key);
  ASSERT_TRUE(pair.connect());

  ASSERT_TRUE(pair.client->send(message_of(1, patterned(100, 1)), {}));
  ASSERT_TRUE(pair.server->send(message_of(1, patterned(100, 2)), {}));

  ASSERT_TRUE(pair.run_until([&] { return pair.server_told.closed.has_value(); }));
  EXPECT_THAT(pair.server_told.closed->message, HasSubstr("has another key for SCTP-AUTH"));
  EXPECT_THAT(pair.server_told.messages, IsEmpty());
}

TEST(KernelAuthenticationTest, AServerWithoutAKeyIsLeft) {
  KernelPair pair(impatient(), {}, with_key(kKey));

  static_cast<void>(pair.connect());

  ASSERT_TRUE(pair.run_until([&] { return pair.client_told.closed.has_value(); }));
  EXPECT_THAT(pair.client_told.closed->message, HasSubstr("has no key for SCTP-AUTH"));
}

}  // namespace
}  // namespace mayfly
