#include "emulator/route_socket.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace mayfly {
namespace {

// A netlink message in the making: the machine's byte order, attributes aligned to four bytes.
class Request {
 public:
  template <class Header>
  Request(uint16_t type, uint16_t flags, const Header& header) {
    nlmsghdr head{};
    head.nlmsg_type = type;
    head.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    put(&head, sizeof(head));
    put(&header, sizeof(header));
  }

  void attribute(uint16_t type, const void* value, size_t bytes) {
    const rtattr head = {static_cast<uint16_t>(RTA_LENGTH(bytes)), type};
    put(&head, sizeof(head));
    put(value, bytes);
  }
  void attribute(uint16_t type, uint32_t value) { attribute(type, &value, sizeof(value)); }
  void attribute(uint16_t type, const IpEndpoint& address) {
    attribute(type, address.address.data(), address.family == IpEndpoint::Family::V4 ? 4 : 16);
  }
  // What is added until end(place) stands inside.
  [[nodiscard]] size_t begin(uint16_t type) {
    const size_t place = bytes_.size();
    attribute(type, nullptr, 0);
    return place;
  }
  void end(size_t place) {
    const auto length = static_cast<uint16_t>(bytes_.size() - place);
    std::memcpy(bytes_.data() + place, &length, sizeof(length));
  }
  [[nodiscard]] Bytes& bytes() { return bytes_; }

 private:
  void put(const void* value, size_t bytes) {
    const size_t place = bytes_.size();
    bytes_.resize(place + NLMSG_ALIGN(bytes));
    if (bytes > 0) std::memcpy(bytes_.data() + place, value, bytes);
  }

  Bytes bytes_;
};

uint8_t family_of(const IpEndpoint& address) {
  return address.family == IpEndpoint::Family::V4 ? AF_INET : AF_INET6;
}

ifinfomsg link_header(int index) {
  ifinfomsg header{};
  header.ifi_family = AF_UNSPEC;
  header.ifi_index = index;
  return header;
}

Result<void> without_answer(const Result<Bytes>& answer, const char* attempt) {
  if (answer) return {};
  return failure(answer.error().in(attempt));
}

rtmsg route_header(const IpEndpoint& network, int prefix_length, uint8_t type) {
  rtmsg header{};
  header.rtm_family = family_of(network);
  header.rtm_dst_len = static_cast<uint8_t>(prefix_length);
  header.rtm_table = RT_TABLE_MAIN;
  header.rtm_protocol = RTPROT_STATIC;
  header.rtm_scope = type == RTN_UNICAST && network.family == IpEndpoint::Family::V4
                         ? RT_SCOPE_LINK
                         : RT_SCOPE_UNIVERSE;
  header.rtm_type = type;
  return header;
}

}  // namespace

Result<RouteSocket> RouteSocket::open() {
  FileDescriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket.is_open()) return failure(from_errno(errno, "opening a netlink socket"));
  return RouteSocket(std::move(socket));
}

Result<void> RouteSocket::take_up(int index, const LinkSettings& settings) {
  ifinfomsg header = link_header(index);
  header.ifi_change = IFF_MULTICAST;  // off
  Request prepare(RTM_NEWLINK, 0, header);
  prepare.attribute(IFLA_MTU, settings.mtu);
  prepare.attribute(IFLA_TXQLEN, settings.queue_packets);
  RETURN_IF_ERROR(without_answer(exchange(prepare.bytes()), "preparing the link's interface"));

  // Without an address of its own IPv6 has nothing to say. Where there is no IPv6 this is refused,
  // and not needed.
  Request silence(RTM_NEWLINK, 0, link_header(index));
  const size_t families = silence.begin(IFLA_AF_SPEC);
  const size_t v6 = silence.begin(AF_INET6);
  const uint8_t none = IN6_ADDR_GEN_MODE_NONE;
  silence.attribute(IFLA_INET6_ADDR_GEN_MODE, &none, sizeof(none));
  silence.end(v6);
  silence.end(families);
  if (const auto silenced = exchange(silence.bytes());
      !silenced && silenced.error().code != ErrorCode::Unsupported) {
    return failure(silenced.error().in("preparing the link's interface"));
  }

  header.ifi_change = IFF_UP;
  header.ifi_flags = IFF_UP;
  Request up(RTM_NEWLINK, 0, header);
  return without_answer(exchange(up.bytes()), "taking the link's interface up");
}

Result<void> RouteSocket::take_up_loopback() {
  constexpr int kLoopbackIndex = 1;
  ifinfomsg header = link_header(kLoopbackIndex);
  header.ifi_change = IFF_UP;
  header.ifi_flags = IFF_UP;
  Request up(RTM_NEWLINK, 0, header);
  return without_answer(exchange(up.bytes()), "taking the loopback interface up");
}

Result<void> RouteSocket::add_address(int index, const IpEndpoint& address, int prefix_length) {
  ifaddrmsg header{};
  header.ifa_family = family_of(address);
  header.ifa_prefixlen = static_cast<uint8_t>(prefix_length);
  header.ifa_index = static_cast<uint32_t>(index);
  Request request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, header);
  request.attribute(IFA_LOCAL, address);
  request.attribute(IFA_ADDRESS, address);
  request.attribute(IFA_FLAGS, IFA_F_NOPREFIXROUTE | IFA_F_NODAD | IFA_F_PERMANENT);
  return without_answer(exchange(request.bytes()), "giving the link an address");
}

Result<void> RouteSocket::add_route(int index, const IpEndpoint& network, int prefix_length) {
  Request request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL,
                  route_header(network, prefix_length, RTN_UNICAST));
  if (prefix_length > 0) request.attribute(RTA_DST, network);
  request.attribute(RTA_OIF, static_cast<uint32_t>(index));
  return without_answer(exchange(request.bytes()), "adding a route over the link");
}

Result<void> RouteSocket::add_unreachable(const IpEndpoint& network, int prefix_length) {
  Request request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL,
                  route_header(network, prefix_length, RTN_UNREACHABLE));
  request.attribute(RTA_DST, network);
  return without_answer(exchange(request.bytes()), "adding a route");
}

std::optional<uint64_t> RouteSocket::packets_dropped(int index) {
  Request request(RTM_GETLINK, 0, link_header(index));
  const auto answer = exchange(request.bytes());
  if (!answer) return std::nullopt;
  size_t at = NLMSG_LENGTH(sizeof(ifinfomsg));
  while (at + sizeof(rtattr) <= answer->size()) {
    rtattr head{};
    std::memcpy(&head, answer->data() + at, sizeof(head));
    if (head.rta_len < sizeof(head) || at + head.rta_len > answer->size()) break;
    if (head.rta_type == IFLA_STATS64 &&
        head.rta_len >= RTA_LENGTH(offsetof(rtnl_link_stats64, multicast))) {
      rtnl_link_stats64 stats{};
      std::memcpy(&stats, answer->data() + at + RTA_LENGTH(0),
                  offsetof(rtnl_link_stats64, multicast));
      return stats.tx_dropped;
    }
    at += RTA_ALIGN(head.rta_len);
  }
  return std::nullopt;
}

Result<Bytes> RouteSocket::exchange(Bytes& request) {
  nlmsghdr head{};
  std::memcpy(&head, request.data(), sizeof(head));
  head.nlmsg_len = static_cast<uint32_t>(request.size());
  head.nlmsg_seq = ++sequence_;
  std::memcpy(request.data(), &head, sizeof(head));
  if (send(socket_.get(), request.data(), request.size(), 0) < 0) {
    return failure(from_errno(errno, "netlink"));
  }
  // What was asked for comes first, the acknowledgement last, perhaps in one datagram.
  Bytes answer;
  Bytes buffer(1 << 16);
  while (true) {
    const ssize_t received = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (received < 0 && errno == EINTR) continue;
    if (received < 0) return failure(from_errno(errno, "netlink"));
    const auto bytes = static_cast<size_t>(received);
    size_t at = 0;
    while (at + sizeof(nlmsghdr) <= bytes) {
      std::memcpy(&head, buffer.data() + at, sizeof(head));
      if (head.nlmsg_len < sizeof(head) || at + head.nlmsg_len > bytes) break;
      const auto first = buffer.begin() + static_cast<ptrdiff_t>(at);
      if (head.nlmsg_seq == sequence_ && head.nlmsg_type == NLMSG_ERROR) {
        nlmsgerr error{};
        std::memcpy(&error, buffer.data() + at + NLMSG_HDRLEN, sizeof(error));
        if (error.error == 0) return answer;
        Error told = from_errno(-error.error, "the kernel");
        const bool no_family =
            error.error == -EAFNOSUPPORT || error.error == -EOPNOTSUPP || error.error == -EACCES;
        if (no_family) told.code = ErrorCode::Unsupported;
        return failure(std::move(told));
      }
      if (head.nlmsg_seq == sequence_) {
        answer.assign(first, first + static_cast<ptrdiff_t>(head.nlmsg_len));
      }
      at += NLMSG_ALIGN(head.nlmsg_len);
    }
  }
}

}  // namespace mayfly
