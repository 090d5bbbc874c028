#include "tests/integration/garbage_host.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <span>

#include "core/bytes.h"
#include "core/check.h"
#include "core/file_descriptor.h"
#include "tests/integration/transport_under_test.h"

namespace mayfly::testing {
namespace {

template <class Address>
sockaddr* generic(Address& address) {
  return reinterpret_cast<sockaddr*>(&address);
}

sockaddr_in ipv4(uint32_t address, uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  result.sin_addr.s_addr = htonl(address);
  return result;
}

class Garbage {
 public:
  Bytes next(size_t longest) {
    Bytes bytes(number() % longest);
    for (std::byte& each : bytes) each = static_cast<std::byte>(number());
    return bytes;
  }

 private:
  uint32_t number() {
    state_ = state_ * 1664525 + 1013904223;
    return state_ >> 8;
  }
  uint32_t state_ = 1;
};

bool is_readable_soon(int descriptor) {
  pollfd ready{descriptor, POLLIN, 0};
  return poll(&ready, 1, 10'000) > 0;
}

class UdpGarbageHost final : public GarbageHost {
 public:
  UdpGarbageHost() : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in here = ipv4(INADDR_LOOPBACK, 0);
    socklen_t size = sizeof(here);
    MAYFLY_CHECK(bind(socket_.get(), generic(here), size) == 0);
    MAYFLY_CHECK(getsockname(socket_.get(), generic(here), &size) == 0);
    port_ = ntohs(here.sin_port);
  }

  [[nodiscard]] std::string address() const override { return "127.0.0.1"; }
  [[nodiscard]] uint16_t port() const override { return port_; }
  void send_garbage(uint16_t to, int packets) override {
    sockaddr_in there = ipv4(INADDR_LOOPBACK, to);
    for (int i = 0; i < packets; ++i) send_one(there);
  }
  [[nodiscard]] bool answer_one() override {
    if (!is_readable_soon(socket_.get())) return false;
    std::array<char, 2048> request{};
    sockaddr_in from{};
    socklen_t size = sizeof(from);
    recvfrom(socket_.get(), request.data(), request.size(), 0, generic(from), &size);
    send_one(from);
    return true;
  }

 private:
  void send_one(sockaddr_in& to) {
    const Bytes bytes = garbage_.next(1400);
    sendto(socket_.get(), bytes.data(), bytes.size(), 0, generic(to), sizeof(to));
  }

  FileDescriptor socket_;
  uint16_t port_ = 0;
  Garbage garbage_;
};

// RFC 9260 appendix A, a bit at a time.
uint32_t crc32c(ByteView bytes) {
  uint32_t crc = ~0U;
  for (const std::byte each : bytes) {
    crc ^= std::to_integer<uint32_t>(each);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F6'3B78U : 0U);
  }
  return ~crc;
}

// Ports, tag and a right checksum around chunks that make no sense: the stack must read them.
Bytes sctp_packet(uint16_t from, uint16_t to, uint32_t tag, const Bytes& chunks) {
  Bytes packet;
  ByteWriter writer(packet);
  writer.u16(from);
  writer.u16(to);
  writer.u32(tag);
  writer.u32(0);
  writer.append(chunks);
  const uint32_t checksum = crc32c(packet);
  std::memcpy(packet.data() + 8, &checksum, sizeof(checksum));  // little-endian on the wire
  return packet;
}

uint16_t ip_checksum(std::span<const uint16_t> words) {
  uint32_t sum = 0;
  for (const uint16_t each : words) sum += each;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

// A host of the documentation network at the far end of a veth cable, whose kernel end has no
// address and so never answers; everything on it is read and written whole.
class CabledGarbageHost final : public GarbageHost {
 public:
  CabledGarbageHost() : cable_(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_IP))) {
    const std::string commands =
        "ip link add near address 02:00:00:00:00:01 type veth peer name far"
        " && ip address add 192.0.2.1/24 dev near && ip link set far up && ip link set near up"
        " && ip neighbour add 192.0.2.2 dev near lladdr $(cat /sys/class/net/far/address)";
    MAYFLY_CHECK(std::system(commands.c_str()) == 0);
    MAYFLY_CHECK(cable_.is_open());
    near_.sll_family = AF_PACKET;
    near_.sll_protocol = htons(ETH_P_IP);
    near_.sll_ifindex = static_cast<int>(if_nametoindex("far"));
    near_.sll_halen = 6;
    near_.sll_addr[0] = 2;
    near_.sll_addr[5] = 1;
    MAYFLY_CHECK(bind(cable_.get(), generic(near_), sizeof(near_)) == 0);
  }
  ~CabledGarbageHost() override { MAYFLY_CHECK(std::system("ip link delete near") == 0); }
  CabledGarbageHost(const CabledGarbageHost&) = delete;
  CabledGarbageHost& operator=(const CabledGarbageHost&) = delete;

  [[nodiscard]] std::string address() const override { return "192.0.2.2"; }
  [[nodiscard]] uint16_t port() const override { return 9899; }
  void send_garbage(uint16_t to, int packets) override {
    const FileDescriptor raw(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_SCTP));
    MAYFLY_CHECK(raw.is_open());
    sockaddr_in there = ipv4(INADDR_LOOPBACK, 0);
    for (int i = 0; i < packets; ++i) {
      const auto tag = static_cast<uint32_t>(i % 2 == 0 ? 0 : i);  // 0 belongs to an INIT
      const Bytes packet = sctp_packet(port(), to, tag, garbage_.next(1400));
      sendto(raw.get(), packet.data(), packet.size(), 0, generic(there), sizeof(there));
    }
  }
  // The answer has the ports and the tag of the INIT, so that it reaches the association.
  [[nodiscard]] bool answer_one() override {
    std::array<std::byte, 2048> request{};
    ssize_t size = 0;
    constexpr ssize_t kIpHeader = sizeof(iphdr);
    do {
      if (!is_readable_soon(cable_.get())) return false;
      size = recv(cable_.get(), request.data(), request.size(), 0);
    } while (size < kIpHeader + 20 || request[9] != std::byte{IPPROTO_SCTP});
    ByteReader sctp(ByteView(request).subspan(kIpHeader));
    const uint16_t client = sctp.u16();
    const uint16_t server = sctp.u16();
    (void)sctp.take(12);  // the rest of the header, and the INIT's own
    const uint32_t tag = sctp.u32();
    send_ip(sctp_packet(server, client, tag, garbage_.next(1400)));
    return true;
  }

 private:
  void send_ip(const Bytes& payload) {
    iphdr header{};
    header.version = 4;
    header.ihl = 5;
    header.ttl = 64;
    header.protocol = IPPROTO_SCTP;
    header.tot_len = htons(static_cast<uint16_t>(sizeof(header) + payload.size()));
    header.saddr = inet_addr("192.0.2.2");
    header.daddr = inet_addr("192.0.2.1");
    std::array<uint16_t, sizeof(header) / 2> words{};
    std::memcpy(words.data(), &header, sizeof(header));
    header.check = ip_checksum(words);
    Bytes packet(sizeof(header));
    std::memcpy(packet.data(), &header, sizeof(header));
    packet.insert(packet.end(), payload.begin(), payload.end());
    sendto(cable_.get(), packet.data(), packet.size(), 0, generic(near_), sizeof(near_));
  }

  FileDescriptor cable_;
  sockaddr_ll near_{};
  Garbage garbage_;
};

}  // namespace

std::unique_ptr<GarbageHost> GarbageHost::create() {
  if (transport_under_test() == TransportChoice::Kernel) {
    return std::make_unique<CabledGarbageHost>();
  }
  return std::make_unique<UdpGarbageHost>();
}

std::string GarbageHost::url() const { return url_at(address(), port()); }

}  // namespace mayfly::testing
