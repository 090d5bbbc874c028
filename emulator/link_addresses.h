#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "transport/ip_endpoint.h"

namespace mayfly {

// The addresses of one emulated link, and room for the links nested inside it. All come from one
// tree: the network of a link holds fifteen of links inside, each of which holds fifteen more, so
// that the far end of the outermost reaches whatever is inside by one route, without translating
// addresses. 100.64.0.0/10 (RFC 6598) is used because few hosts have addresses of their own in it;
// the IPv6 addresses repeat the IPv4 ones behind a prefix of RFC 4193.
//
//   100.64.0.0/10   the outermost link; .1 is its far end, .2 its near one
//   100.68.0.0/14   a link inside it (the first of 15)
//   100.69.0.0/18   a link inside that
class LinkAddresses {
 public:
  [[nodiscard]] static LinkAddresses outermost();
  // Those of the link that has this near address and prefix length, as an interface tells them;
  // nothing when no link has.
  [[nodiscard]] static std::optional<LinkAddresses> with_near(uint32_t address, int prefix_length);

  static constexpr int kInside = 15;
  // The `index`-th link inside, 1 to kInside. Nothing when the tree is not deep enough: six links
  // can be nested, the outermost included.
  [[nodiscard]] std::optional<LinkAddresses> inside(int index) const;

  // In host byte order.
  [[nodiscard]] uint32_t network_v4() const { return network_; }
  [[nodiscard]] int prefix_length_v4() const { return prefix_length_; }
  [[nodiscard]] int prefix_length_v6() const { return 96 + prefix_length_; }

  // As endpoints with port 0.
  [[nodiscard]] IpEndpoint network(IpEndpoint::Family family) const;
  [[nodiscard]] IpEndpoint far(IpEndpoint::Family family) const;
  [[nodiscard]] IpEndpoint near(IpEndpoint::Family family) const;
  [[nodiscard]] int prefix_length(IpEndpoint::Family family) const;

  friend bool operator==(const LinkAddresses&, const LinkAddresses&) = default;

 private:
  LinkAddresses(uint32_t network, int prefix_length)
      : network_(network), prefix_length_(prefix_length) {}
  [[nodiscard]] IpEndpoint at(IpEndpoint::Family family, uint32_t offset) const;

  uint32_t network_;
  int prefix_length_;
};

}  // namespace mayfly
