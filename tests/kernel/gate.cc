#include "tests/kernel/gate.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/check.h"

namespace mayfly {
namespace {

// The guest's kernel knows iptables of the old kind only, and Debian calls that iptables-legacy.
constexpr const char* kToolFolder = "/run/tools";

void run_script(const std::string& enter, const std::string& commands) {
  const std::string script = "/run/tmp/script.sh";
  std::ofstream(script) << "set -e\nexport PATH=" << kToolFolder << ":$PATH\n" << commands;
  if (std::system((enter + "sh " + script + " >/run/tmp/script.log 2>&1").c_str()) == 0) return;
  fmt::print(stderr, "failed:\n{}", commands);
  static_cast<void>(std::system("cat /run/tmp/script.log >&2"));
  MAYFLY_CHECK(!"commands on a host failed");
}

constexpr const char* kSetUp = R"(
modprobe -a -d /run/kernel nf_conntrack nf_conntrack_netlink nf_tables nft_ct nf_conntrack_bridge \
  iptable_filter iptable_nat xt_conntrack xt_tcpudp xt_sctp xt_nat xt_MASQUERADE bridge
mkdir -p /run/tools && ln -sf /usr/sbin/iptables-legacy /run/tools/iptables
for host in gate bridge; do
  ip netns add $host
  ip -n $host link set lo up
done
cable() {  # HOST INTERFACE, twice
  ip link add $2 netns $1 type veth peer name $4 netns $3
  for end in "$1 $2" "$3 $4"; do
    set -- $end
    ip netns exec $1 ethtool -K $2 gso off tso off gro off tx off rx off >/dev/null
    ip -n $1 link set $2 up
  done
}
cable client gated gate lan0
cable server gated gate wan0
cable client bridged bridge port0
cable server bridged bridge port1
ip -n client address add 192.168.1.2/24 dev gated
ip -n gate address add 192.168.1.1/24 dev lan0
ip -n gate address add 198.51.100.1/24 dev wan0
ip -n server address add 198.51.100.2/24 dev gated
ip -n client route add 198.51.100.0/24 via 192.168.1.1
ip -n client address add 203.0.113.1/24 dev bridged
ip -n server address add 203.0.113.2/24 dev bridged
ip -n bridge link add between type bridge
ip -n bridge link set port0 master between
ip -n bridge link set port1 master between
ip -n bridge link set between up
)";

constexpr const char* kClear = R"(
for host in client server gate; do
  ip netns exec $host sh -c '
    for table in filter nat; do
      echo "*$table"
      [ $table = nat ] || printf ":INPUT ACCEPT\\n:FORWARD ACCEPT\\n:OUTPUT ACCEPT\\n"
      echo COMMIT
    done | iptables-legacy-restore
    echo 0 >/proc/sys/net/sctp/udp_port'
done
ip netns exec gate conntrack -F
ip netns exec bridge nft flush ruleset
)";

}  // namespace

Gate::Gate() {
  static_cast<void>(TwoHosts::get());
  run_script("", kSetUp);
}

Gate::~Gate() {
  clear();
  run_script("", "ip netns delete gate; ip netns delete bridge");
}

void Gate::run(const std::string& host, const std::string& commands) const {
  run_script("ip netns exec " + host + " ", commands);
}

void Gate::clear() const { run_script("", kClear); }

}  // namespace mayfly
