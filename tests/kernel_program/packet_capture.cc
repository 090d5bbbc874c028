#include "tests/kernel_program/packet_capture.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>

#include "core/check.h"
#include "core/clock.h"

namespace mayfly::testing {
namespace {

constexpr uint32_t kMagic = 0xa1b2'c3d4;  // microseconds, in the byte order of this machine
constexpr uint32_t kIpPackets = 101;      // LINKTYPE_RAW
constexpr uint32_t kLongest = 65535;
constexpr int kLookMs = 20;

template <size_t Count>
void write_words(std::ofstream& file, const std::array<uint32_t, Count>& words) {
  file.write(reinterpret_cast<const char*>(words.data()), sizeof(words));
}

}  // namespace

PacketCapture::PacketCapture(const std::string& interface, const std::filesystem::path& file)
    : socket_(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL))),
      file_(file, std::ios::binary | std::ios::trunc) {
  MAYFLY_CHECK(socket_.is_open() && file_.good());
  sockaddr_ll at{};
  at.sll_family = AF_PACKET;
  at.sll_protocol = htons(ETH_P_ALL);
  at.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
  MAYFLY_CHECK(bind(socket_.get(), reinterpret_cast<sockaddr*>(&at), sizeof(at)) == 0);
  constexpr int kBuffer = 8 << 20;
  setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kBuffer, sizeof(kBuffer));
  write_words<6>(file_, {kMagic, 4U << 16 | 2U, 0, 0, kLongest, kIpPackets});
  thread_ = std::thread([this] { run(); });
}

PacketCapture::~PacketCapture() {
  is_over_ = true;
  thread_.join();
}

void PacketCapture::run() {
  const SteadyClock clock;
  std::array<char, kLongest> packet{};
  for (;;) {
    pollfd ready{socket_.get(), POLLIN, 0};
    if (poll(&ready, 1, kLookMs) <= 0) {
      if (is_over_) return;
      continue;
    }
    sockaddr_ll from{};
    socklen_t from_size = sizeof(from);
    const ssize_t size = recvfrom(socket_.get(), packet.data(), packet.size(), 0,
                                  reinterpret_cast<sockaddr*>(&from), &from_size);
    if (size <= 0 || from.sll_protocol != htons(ETH_P_IP)) continue;
    const auto at = clock.now().time_since_epoch().count();
    const auto bytes = static_cast<uint32_t>(size);
    write_words<4>(file_, {static_cast<uint32_t>(at / 1'000'000),
                           static_cast<uint32_t>(at % 1'000'000), bytes, bytes});
    file_.write(packet.data(), size);
  }
}

}  // namespace mayfly::testing
