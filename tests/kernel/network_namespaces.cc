#include "tests/kernel/network_namespaces.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "core/check.h"
#include "core/file_descriptor.h"

namespace mayfly {
namespace {

void run(const std::string& command) {
  if (std::system(command.c_str()) == 0) return;
  fmt::print(stderr, "failed: {}\n", command);
  MAYFLY_CHECK(!"a command that sets up the hosts failed");
}

void add_addresses(const std::string& host, char side, size_t cable, int number) {
  const std::string device = fmt::format("{}{}", side, cable);
  run(
      fmt::format("printf 'address replace 10.0.{0}.{1}/24 dev {2}\n"
                  "address replace fd00:{0}::{1}/64 dev {2} nodad\n"
                  "address replace fe80::{1}/64 dev {2} nodad\n' | ip -n {3} -batch -",
                  cable, number, device, host));
}

void enter(int name_space) { MAYFLY_CHECK(setns(name_space, CLONE_NEWNET) == 0); }

}  // namespace

TwoHosts& TwoHosts::get() {
  static TwoHosts hosts;
  return hosts;
}

TwoHosts::TwoHosts() : home_(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) {
  MAYFLY_CHECK(home_ >= 0);
  run("ip netns add client && ip netns add server");
  run("ip -n client link set lo up && ip -n server link set lo up");
  for (size_t cable = 0; cable < kCables; ++cable) {
    run(fmt::format("ip link add c{0} netns client type veth peer name s{0} netns server", cable));
    // A packet of many segments would be lost whole; and with checksums left to the cable, the
    // guest's kernel panicked within seconds of SCTP inside UDP, in its checksum and its allocator.
    const std::string offloads = "gso off tso off gro off tx off rx off";
    run(fmt::format("ip netns exec client ethtool -K c{} {} >/dev/null", cable, offloads));
    run(fmt::format("ip netns exec server ethtool -K s{} {} >/dev/null", cable, offloads));
    run(fmt::format("ip -n client link set c{} up", cable));
    plug_in(cable);
    add_addresses("client", 'c', cable, 1);
  }
}

TwoHosts::~TwoHosts() {
  run("ip netns delete client && ip netns delete server");
  close(home_);
}

void TwoHosts::on(const std::string& host, const std::function<void()>& work) const {
  stay_on(host);
  work();
  enter(home_);
}

void TwoHosts::stay_on(const std::string& host) {
  const int there = open(("/run/netns/" + host).c_str(), O_RDONLY | O_CLOEXEC);
  MAYFLY_CHECK(there >= 0);
  enter(there);
  close(there);
}

void TwoHosts::pull(size_t cable) const {
  run(fmt::format("ip -n server link set s{} down", cable));
}

void TwoHosts::plug_in(size_t cable) const {
  run(fmt::format("ip -n server link set s{} up", cable));
  add_addresses("server", 's', cable, 2);  // those of IPv6 went with the link
}

void TwoHosts::impair(size_t cable, const PathImpairment& impairment) {
  PathImpairment& applied = impairments_.at(cable);
  if (applied == impairment) return;
  for (const char side : {'c', 's'}) {
    const std::string rate = impairment.rate.empty() ? "" : "rate " + impairment.rate;
    run(fmt::format("tc -n {} qdisc replace dev {}{} root netem delay {} loss {} {} limit {}",
                    side == 'c' ? "client" : "server", side, cable, impairment.delay,
                    impairment.loss, rate, impairment.limit));
  }
  applied = impairment;
}

void TwoHosts::set_plugged(size_t cable, bool plugged) const {
  on_client([&] {
    const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    fmt::format_to_n(request.ifr_name, IFNAMSIZ - 1, "c{}", cable);
    MAYFLY_CHECK(ioctl(socket.get(), SIOCGIFFLAGS, &request) == 0);
    const int flags = plugged ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP;
    request.ifr_flags = static_cast<short>(flags);
    MAYFLY_CHECK(ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0);
  });
}

uint64_t TwoHosts::packets_from_server(size_t cable) const {
  uint64_t packets = 0;
  on_server([&] {
    std::ifstream file("/proc/net/dev");
    std::string word;
    while (file >> word && word != fmt::format("s{}:", cable)) {
    }
    constexpr int kColumnsBefore = 9;  // eight of what came, and the bytes
    for (int i = 0; i < kColumnsBefore; ++i) file >> word;
    file >> packets;
    MAYFLY_CHECK(file.good());
  });
  return packets;
}

void TwoHosts::set_sysctl(const std::string& name, const std::string& value) {
  std::ofstream file("/proc/sys/net/" + name);
  file << value << std::flush;
  MAYFLY_CHECK(file.good());
}

IpEndpoint TwoHosts::client_address(size_t cable, uint16_t port) {
  return IpEndpoint::v4({10, 0, static_cast<uint8_t>(cable), 1}, port);
}

IpEndpoint TwoHosts::server_address(size_t cable, uint16_t port) {
  return IpEndpoint::v4({10, 0, static_cast<uint8_t>(cable), 2}, port);
}

}  // namespace mayfly
