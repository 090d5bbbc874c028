#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>

#include "tests/kernel/kernel_pair.h"
#include "tests/kernel/network_namespaces.h"

namespace mayfly {
namespace {

using ::testing::StartsWith;

constexpr uint16_t kPort = 9899;

IpEndpoint v6(const std::string& address) {
  return IpEndpoint::parse(fmt::format("[{}]:{}", address, kPort), 0).value();
}

class KernelIpv6Test : public ::testing::Test {
 protected:
  void SetUp() override { hosts_.impair(0, {}); }

  [[nodiscard]] bool connect(KernelPair& pair, const IpEndpoint& listen_at,
                             const IpEndpoint& connect_to) const {
    return pair.connect(
        {{listen_at}}, {{connect_to}}, [this](const auto& work) { hosts_.on_server(work); },
        [this](const auto& work) { hosts_.on_client(work); },
        [&pair] { return pair.client_told.closed.has_value(); });
  }
  static bool talk(KernelPair& pair) {
    EXPECT_TRUE(pair.client->send(message_of(1, patterned(3000, 1)), {}));
    EXPECT_TRUE(pair.server->send(message_of(1, patterned(3000, 2)), {}));
    return pair.run_until([&] {
      return pair.client_told.messages.size() == 1 && pair.server_told.messages.size() == 1;
    });
  }

  TwoHosts& hosts_ = TwoHosts::get();
};

TEST_F(KernelIpv6Test, BothEndsMayHaveNothingElse) {
  KernelPair pair;
  ASSERT_TRUE(connect(pair, v6("fd00::2"), v6("fd00::2")));

  EXPECT_TRUE(talk(pair));
  EXPECT_THAT(pair.server->peer(), StartsWith("[fd00::1]:"));
  EXPECT_THAT(pair.client->stats().paths.at(0).address, StartsWith("[fd00::2]:"));
}

TEST_F(KernelIpv6Test, OneListenerTakesBothFamiliesAndCallsEachByItsName) {
  KernelPair old;
  ASSERT_TRUE(connect(old, IpEndpoint::any_v6(kPort), TwoHosts::server_address(0, kPort)));
  EXPECT_TRUE(talk(old));
  EXPECT_THAT(old.server->peer(), StartsWith("10.0.0.1:")) << "and not ::ffff:10.0.0.1";
  old.listener.reset();

  KernelPair young;
  ASSERT_TRUE(connect(young, IpEndpoint::any_v6(kPort), v6("fd00::2")));
  EXPECT_TRUE(talk(young));
  EXPECT_THAT(young.server->peer(), StartsWith("[fd00::1]:"));
}

TEST_F(KernelIpv6Test, AnIpv4AddressMayBeWrittenAsAnIpv6One) {
  KernelPair pair;
  ASSERT_TRUE(connect(pair, TwoHosts::server_address(0, kPort), v6("::ffff:10.0.0.2")));

  EXPECT_TRUE(talk(pair));
  EXPECT_THAT(pair.client->stats().paths.at(0).address, StartsWith("10.0.0.2:"));
}

TEST_F(KernelIpv6Test, ALinkLocalAddressComesWithItsInterface) {
  IpEndpoint server = v6("fe80::2");
  IpEndpoint seen_by_client = server;
  hosts_.on_server([&] { server.scope_id = if_nametoindex("s0"); });
  hosts_.on_client([&] { seen_by_client.scope_id = if_nametoindex("c0"); });
  KernelPair pair;
  ASSERT_TRUE(connect(pair, server, seen_by_client));

  EXPECT_TRUE(talk(pair));
  EXPECT_THAT(pair.server->peer(), StartsWith("[fe80::1%"));
}

// Addresses of both families in one association.
TEST_F(KernelIpv6Test, AnAssociationMayHaveAPathOfEitherFamily) {
  KernelPair pair;
  // The private one first: asked for by a public one, a host does not tell of its private ones
  // (net.sctp.addr_scope_policy).
  const TransportAddress both{{TwoHosts::server_address(1, kPort), v6("fd00::2")}};
  ASSERT_TRUE(pair.connect(
      both, both, [this](const auto& work) { hosts_.on_server(work); },
      [this](const auto& work) { hosts_.on_client(work); }));

  EXPECT_TRUE(talk(pair));
  const auto paths = pair.client->stats().paths;
  ASSERT_EQ(paths.size(), 2U);
  EXPECT_THAT(paths[0].address, StartsWith("10.0.1.2:"));
  EXPECT_THAT(paths[1].address, StartsWith("[fd00::2]:"));
}

}  // namespace
}  // namespace mayfly
