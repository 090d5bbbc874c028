#include "emulator/emulated_network.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <unistd.h>

#include <bit>
#include <cstring>
#include <memory>

#include "emulator/namespaces.h"

namespace mayfly {
namespace {

using Family = IpEndpoint::Family;

// The near end's interface; the far ends of links inside are mayfly1 to mayfly15 beside it.
constexpr const char* kNearName = "mayfly0";
constexpr const char* kFarName = "mayfly";

// A program may send a burst before this process gets its turn; the packets wait in the device. The
// emulated queue comes behind it.
constexpr uint32_t kDevicePackets = 8192;

struct FreeAddresses {
  void operator()(ifaddrs* addresses) const { freeifaddrs(addresses); }
};

// The addresses of the link that the process is behind, or nothing.
std::optional<LinkAddresses> surrounding_link() {
  ifaddrs* raw = nullptr;
  if (getifaddrs(&raw) != 0) return std::nullopt;
  const std::unique_ptr<ifaddrs, FreeAddresses> addresses(raw);
  for (const ifaddrs* each = raw; each != nullptr; each = each->ifa_next) {
    if (std::strcmp(each->ifa_name, kNearName) != 0 || each->ifa_addr == nullptr ||
        each->ifa_netmask == nullptr || each->ifa_addr->sa_family != AF_INET) {
      continue;
    }
    sockaddr_in address{};
    sockaddr_in mask{};
    std::memcpy(&address, each->ifa_addr, sizeof(address));
    std::memcpy(&mask, each->ifa_netmask, sizeof(mask));
    return LinkAddresses::with_near(ntohl(address.sin_addr.s_addr),
                                    std::popcount(mask.sin_addr.s_addr));
  }
  return std::nullopt;
}

struct NumberedEnd {
  LinkAddresses addresses;
  TunDevice device;
};

// The far end's device beside those of other links, with the addresses that follow from its number.
Result<NumberedEnd> make_far_device_in(const LinkAddresses& surrounding) {
  for (int index = 1; index <= LinkAddresses::kInside; ++index) {
    const auto addresses = surrounding.inside(index);
    if (!addresses) {
      return failure(ErrorCode::Exhausted, "links nest no deeper than this");
    }
    ASSIGN_OR_RETURN(auto device, make_tun_device(kFarName + std::to_string(index)));
    if (device) return NumberedEnd{*addresses, *std::move(device)};
  }
  return failure(ErrorCode::Exhausted, "there are fifteen links from here already");
}

// Whether the end has IPv6 too.
Result<bool> configure(LinkEnd& end, uint32_t mtu, const LinkAddresses& addresses, bool is_near) {
  RETURN_IF_ERROR(
      end.routes.take_up(end.device.index, {.mtu = mtu, .queue_packets = kDevicePackets}));
  const auto own = [&](Family family) {
    return is_near ? addresses.near(family) : addresses.far(family);
  };
  const int index = end.device.index;
  RETURN_IF_ERROR(
      end.routes.add_address(index, own(Family::V4), addresses.prefix_length(Family::V4)));
  constexpr uint32_t kLeastMtuOfV6 = 1280;  // RFC 8200 5
  bool has_v6 = mtu >= kLeastMtuOfV6;
  if (has_v6) {
    const auto added =
        end.routes.add_address(index, own(Family::V6), addresses.prefix_length(Family::V6));
    if (!added && added.error().code != ErrorCode::Unsupported) return failure(added.error());
    has_v6 = added.has_value();
  }
  for (const Family family : {Family::V4, Family::V6}) {
    if (family == Family::V6 && !has_v6) continue;
    const int length = addresses.prefix_length(family);
    if (!is_near) {
      RETURN_IF_ERROR(end.routes.add_route(index, addresses.network(family), length));
      continue;
    }
    const int host_length = family == Family::V4 ? 32 : 128;
    const IpEndpoint any = family == Family::V4 ? IpEndpoint::any_v4(0) : IpEndpoint::any_v6(0);
    RETURN_IF_ERROR(end.routes.add_route(index, any, 0));
    RETURN_IF_ERROR(end.routes.add_route(index, addresses.far(family), host_length));
    // What no link inside has must not go back and forth.
    RETURN_IF_ERROR(end.routes.add_unreachable(addresses.network(family), length));
  }
  return has_v6;
}

// A network just made: what programs in it expect of one.
void prepare_new_network() {
  // Conveniences that some systems forbid: ports below 1024 and ping for this user, and links
  // inside.
  const std::string group = std::to_string(getegid());
  std::ignore = set_network_setting("ipv4/ip_unprivileged_port_start", "0");
  std::ignore = set_network_setting("ipv4/ping_group_range", (group + " " + group).c_str());
  std::ignore = set_network_setting("ipv4/ip_forward", "1");
  std::ignore = set_network_setting("ipv6/conf/all/forwarding", "1");
  // An interface that forwards joins the group of all routers and reports it into the link. Whether
  // packets are forwarded does not depend on it, but on the setting for all.
  std::ignore = set_network_setting("ipv6/conf/default/forwarding", "0");
}

Result<LinkEnd> end_here(TunDevice device) {
  ASSIGN_OR_RETURN(FileDescriptor network, current_network());
  ASSIGN_OR_RETURN(RouteSocket routes, RouteSocket::open());
  return LinkEnd{std::move(device), std::move(network), std::move(routes)};
}

Result<LinkEnd> end_in_new_network(const char* name) {
  RETURN_IF_ERROR(enter_new_network());
  prepare_new_network();
  ASSIGN_OR_RETURN(auto device, make_tun_device(name));
  if (!device) return failure(ErrorCode::Io, std::string("a new network has a device ") + name);
  ASSIGN_OR_RETURN(LinkEnd end, end_here(*std::move(device)));
  RETURN_IF_ERROR(end.routes.take_up_loopback());
  return end;
}

}  // namespace

Result<EmulatedNetwork> make_emulated_network(FarEnd far_end, uint32_t mtu) {
  const bool can_be_here = may_set_up_network();
  if (far_end == FarEnd::Here && !can_be_here) {
    return failure(ErrorCode::Unsupported,
                   "only root, or a program behind a link, may put a link's far end here");
  }
  const bool is_far_here = far_end == FarEnd::Here || (far_end == FarEnd::Auto && can_be_here);
  if (!may_make_networks()) RETURN_IF_ERROR(enter_user_namespace());

  const auto make = [&](LinkAddresses addresses, LinkEnd far) -> Result<EmulatedNetwork> {
    ASSIGN_OR_RETURN(LinkEnd near, end_in_new_network(kNearName));
    EmulatedNetwork network{.addresses = addresses, .near = std::move(near), .far = std::move(far)};
    ASSIGN_OR_RETURN(const bool far_v6, configure(network.far, mtu, addresses, false));
    ASSIGN_OR_RETURN(const bool near_v6, configure(network.near, mtu, addresses, true));
    network.has_v6 = far_v6 && near_v6;
    network.is_far_here = is_far_here;
    return network;
  };
  if (!is_far_here) {
    ASSIGN_OR_RETURN(LinkEnd far, end_in_new_network("mayfly1"));
    return make(LinkAddresses::outermost(), std::move(far));
  }
  const auto surrounding = surrounding_link();
  ASSIGN_OR_RETURN(NumberedEnd numbered,
                   make_far_device_in(surrounding.value_or(LinkAddresses::outermost())));
  ASSIGN_OR_RETURN(LinkEnd far, end_here(std::move(numbered.device)));
  ASSIGN_OR_RETURN(EmulatedNetwork network, make(numbered.addresses, std::move(far)));
  network.is_nested = surrounding.has_value();
  return network;
}

std::vector<std::pair<std::string, std::string>> EmulatedNetwork::environment() const {
  std::vector<std::pair<std::string, std::string>> variables = {
      {"MAYFLY_LINK_CLIENT", address_text(addresses.near(Family::V4))}};
  // Behind several links the server is still the far end of the outermost.
  if (!is_nested)
    variables.emplace_back("MAYFLY_LINK_SERVER", address_text(addresses.far(Family::V4)));
  if (!has_v6) return variables;
  variables.emplace_back("MAYFLY_LINK_CLIENT6", address_text(addresses.near(Family::V6)));
  if (!is_nested) {
    variables.emplace_back("MAYFLY_LINK_SERVER6", address_text(addresses.far(Family::V6)));
  }
  return variables;
}

}  // namespace mayfly
