#include "emulator/link_addresses.h"

#include <algorithm>
#include <array>

namespace mayfly {
namespace {

constexpr uint32_t kRoot = 0x64400000;  // 100.64.0.0
constexpr int kRootPrefixLength = 10;
constexpr int kBitsPerLevel = 4;
constexpr int kDeepestPrefixLength = 30;  // room for two addresses and the two of any network
constexpr uint32_t kFar = 1;
constexpr uint32_t kNear = 2;
// fd, a random 40 bits as RFC 4193 asks for, and a subnet; the IPv4 address stands at the end.
constexpr std::array<uint8_t, 12> kPrefixV6 = {0xfd, 0x6d, 0x61, 0x79, 0x66, 0x6c,
                                               0x00, 0x79, 0,    0,    0,    0};

}  // namespace

LinkAddresses LinkAddresses::outermost() { return {kRoot, kRootPrefixLength}; }

std::optional<LinkAddresses> LinkAddresses::with_near(uint32_t address, int prefix_length) {
  const bool is_level = prefix_length >= kRootPrefixLength &&
                        prefix_length <= kDeepestPrefixLength &&
                        (prefix_length - kRootPrefixLength) % kBitsPerLevel == 0;
  if (!is_level || address < kRoot + kNear) return std::nullopt;
  const LinkAddresses addresses(address - kNear, prefix_length);
  const uint32_t host_part = addresses.network_ & (~uint32_t{0} >> prefix_length);
  const bool is_in_tree =
      addresses.network_ >> (32 - kRootPrefixLength) == kRoot >> (32 - kRootPrefixLength);
  if (host_part != 0 || !is_in_tree) return std::nullopt;
  return addresses;
}

std::optional<LinkAddresses> LinkAddresses::inside(int index) const {
  const int longer = prefix_length_ + kBitsPerLevel;
  if (longer > kDeepestPrefixLength || index < 1 || index > kInside) return std::nullopt;
  return LinkAddresses(network_ + (static_cast<uint32_t>(index) << (32 - longer)), longer);
}

IpEndpoint LinkAddresses::network(IpEndpoint::Family family) const { return at(family, 0); }
IpEndpoint LinkAddresses::far(IpEndpoint::Family family) const { return at(family, kFar); }
IpEndpoint LinkAddresses::near(IpEndpoint::Family family) const { return at(family, kNear); }

int LinkAddresses::prefix_length(IpEndpoint::Family family) const {
  return family == IpEndpoint::Family::V4 ? prefix_length_v4() : prefix_length_v6();
}

IpEndpoint LinkAddresses::at(IpEndpoint::Family family, uint32_t offset) const {
  const uint32_t address = network_ + offset;
  const std::array<uint8_t, 4> v4 = {
      static_cast<uint8_t>(address >> 24), static_cast<uint8_t>(address >> 16 & 0xff),
      static_cast<uint8_t>(address >> 8 & 0xff), static_cast<uint8_t>(address & 0xff)};
  if (family == IpEndpoint::Family::V4) return IpEndpoint::v4(v4, 0);
  IpEndpoint endpoint = IpEndpoint::any_v6(0);
  std::copy(kPrefixV6.begin(), kPrefixV6.end(), endpoint.address.begin());
  std::copy(v4.begin(), v4.end(), endpoint.address.begin() + kPrefixV6.size());
  return endpoint;
}

}  // namespace mayfly
