#include "emulator/link_addresses.h"

#include <gtest/gtest.h>

#include <set>

namespace mayfly {
namespace {

using Family = IpEndpoint::Family;

uint32_t near_v4(const LinkAddresses& addresses) { return addresses.network_v4() + 2; }

TEST(LinkAddressesTest, TheOutermostLinkHasTheFirstTwoOfItsNetwork) {
  const LinkAddresses outermost = LinkAddresses::outermost();

  EXPECT_EQ(address_text(outermost.far(Family::V4)), "100.64.0.1");
  EXPECT_EQ(address_text(outermost.near(Family::V4)), "100.64.0.2");
  EXPECT_EQ(address_text(outermost.network(Family::V4)), "100.64.0.0");
  EXPECT_EQ(outermost.prefix_length(Family::V4), 10);
  EXPECT_EQ(address_text(outermost.far(Family::V6)), "fd6d:6179:666c:79::6440:1");
  EXPECT_EQ(outermost.prefix_length(Family::V6), 106);
}

TEST(LinkAddressesTest, ALinkIsKnownAgainByItsNearAddress) {
  const LinkAddresses inside = LinkAddresses::outermost().inside(3).value();

  EXPECT_EQ(LinkAddresses::with_near(near_v4(inside), inside.prefix_length_v4()), inside);
}

TEST(LinkAddressesTest, OtherAddressesAreNoLinks) {
  EXPECT_EQ(LinkAddresses::with_near(0xc0000202, 10), std::nullopt);  // 192.0.2.2
  EXPECT_EQ(LinkAddresses::with_near(0x64400003, 10), std::nullopt);  // not the near one
  EXPECT_EQ(LinkAddresses::with_near(0x64400002, 24), std::nullopt);  // of no level
  EXPECT_EQ(LinkAddresses::with_near(0x64400002, 8), std::nullopt);
  EXPECT_EQ(LinkAddresses::with_near(0x64400002, 0), std::nullopt);
  EXPECT_EQ(LinkAddresses::with_near(0, 10), std::nullopt);
}

TEST(LinkAddressesTest, LinksNestSixDeep) {
  std::optional<LinkAddresses> addresses = LinkAddresses::outermost();
  int depth = 0;
  for (; addresses; addresses = addresses->inside(LinkAddresses::kInside)) {
    EXPECT_EQ(LinkAddresses::with_near(near_v4(*addresses), addresses->prefix_length_v4()),
              addresses);
    ++depth;
  }

  EXPECT_EQ(depth, 6);
}

TEST(LinkAddressesTest, FifteenLinksStandSideBySideWithoutSharingAnAddress) {
  const LinkAddresses outermost = LinkAddresses::outermost();
  std::set<uint32_t> networks = {outermost.network_v4()};
  for (int index = 1; index <= LinkAddresses::kInside; ++index) {
    const LinkAddresses inside = outermost.inside(index).value();
    EXPECT_EQ(inside.prefix_length_v4(), 14);
    EXPECT_EQ(inside.network_v4() % (1U << 18), 0U);
    EXPECT_EQ(inside.network_v4() >> 22, outermost.network_v4() >> 22);
    networks.insert(inside.network_v4());
  }

  EXPECT_EQ(networks.size(), 16U);
  EXPECT_EQ(outermost.inside(0), std::nullopt);
  EXPECT_EQ(outermost.inside(LinkAddresses::kInside + 1), std::nullopt);
}

}  // namespace
}  // namespace mayfly
