#include "transport/socket_address.h"

#include <gtest/gtest.h>

namespace mayfly {
namespace {

using Family = IpEndpoint::Family;

TEST(SocketAddressTest, SurvivesTheOperatingSystemsForm) {
  for (const char* text : {"192.0.2.1:9899", "[2001:db8::1]:1", "0.0.0.0:0", "[::]:65535"}) {
    const IpEndpoint endpoint = *IpEndpoint::parse(text, 0);

    const auto address = socket_address(endpoint, endpoint.family);

    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ(ip_endpoint(address->storage), endpoint) << text;
  }
}

TEST(SocketAddressTest, WritesV4AddressesAsV6OnesForADualStackSocketAndBack) {
  const IpEndpoint endpoint = IpEndpoint::v4({192, 0, 2, 1}, 9899);

  const auto address = socket_address(endpoint, Family::V6);

  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->storage.ss_family, AF_INET6);
  EXPECT_EQ(ip_endpoint(address->storage), endpoint);
}

TEST(SocketAddressTest, KeepsTheScopeOfALinkLocalAddress) {
  IpEndpoint endpoint = *IpEndpoint::parse("[fe80::1]:9899", 0);
  endpoint.scope_id = 3;

  EXPECT_EQ(ip_endpoint(socket_address(endpoint, Family::V6)->storage), endpoint);
}

TEST(SocketAddressTest, KnowsThatAV4SocketReachesNoV6Address) {
  EXPECT_FALSE(socket_address(IpEndpoint::any_v6(1), Family::V4).has_value());
}

TEST(SocketAddressTest, RefusesOtherFamilies) {
  sockaddr_storage storage{};
  storage.ss_family = AF_UNIX;

  EXPECT_FALSE(ip_endpoint(storage).has_value());
}

}  // namespace
}  // namespace mayfly
