#include "cli/doctor/machine_checks.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>

#include "core/file_descriptor.h"
#include "core/quantity.h"

namespace mayfly {
namespace {

using Verdict = Diagnosis::Verdict;

Diagnosis sysctl_diagnosis(const KernelCapabilities& kernel, const std::string& name,
                           long long wanted, const std::string& why) {
  const auto found = kernel.sysctls.find(name);
  const std::string full = "net.sctp." + name;
  if (found == kernel.sysctls.end()) {
    return {full, "not in this kernel: " + why, Verdict::Limited, {}};
  }
  const std::string state = fmt::format("{}: {}", found->second, why);
  if (found->second == wanted) return {full, state, Verdict::Fine, {}};
  return {full, state, Verdict::Limited, fmt::format("sysctl -w {}={}", full, wanted)};
}

Diagnosis feature_diagnosis(const KernelFeature& feature) {
  if (feature.works) return {feature.name, "yes, by " + feature.key, Verdict::Fine, {}};
  return {feature.name, "off: " + feature.key + " will not work", Verdict::Limited, feature.mend};
}

// How large a buffer a UDP socket gets that asks for `wanted`; the kernel doubles what it grants.
size_t granted_buffer(int descriptor, int option, size_t wanted) {
  const int asked = static_cast<int>(std::min<size_t>(wanted, INT32_MAX / 2));
  int granted = 0;
  socklen_t length = sizeof(granted);
  if (setsockopt(descriptor, SOL_SOCKET, option, &asked, sizeof(asked)) != 0 ||
      getsockopt(descriptor, SOL_SOCKET, option, &granted, &length) != 0) {
    return 0;
  }
  return static_cast<size_t>(granted) / 2;
}

Diagnosis buffer_diagnosis(int descriptor, int option, const std::string& direction,
                           const std::string& sysctl, size_t wanted) {
  const size_t granted = granted_buffer(descriptor, option, wanted);
  const std::string what = fmt::format("UDP {} buffer", direction);
  if (granted >= wanted) return {what, data_size_text(granted), Verdict::Fine, {}};
  return {what,
          fmt::format("{}: bursts beyond it are lost ({} wanted)", data_size_text(granted),
                      data_size_text(wanted)),
          Verdict::Limited, fmt::format("sysctl -w {}={}", sysctl, wanted)};
}

Diagnosis offload_diagnosis(int descriptor, int option, int value, const std::string& what) {
  if (setsockopt(descriptor, IPPROTO_UDP, option, &value, sizeof(value)) == 0) {
    return {what, "many packets in one system call", Verdict::Fine, {}};
  }
  return {what, "not in this kernel: more system calls for the same rate", Verdict::Limited, {}};
}

// In a child, for a namespace once entered is not left.
bool can_enter_user_namespace() {
  const pid_t child = fork();
  if (child < 0) return false;
  if (child == 0) _exit(unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? 0 : 1);
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool is_on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin");
  std::error_code ignored;
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (std::filesystem::exists(folder + "/" + program, ignored)) return true;
  }
  return false;
}

}  // namespace

std::vector<Diagnosis> diagnose_kernel_sctp(const KernelCapabilities& kernel) {
  if (kernel.unavailable) {
    std::string why = "this kernel has none";
    if (!kernel.blacklisted_in.empty()) {
      why = kernel.blacklisted_in + " forbids loading it";
    } else if (kernel.module_loaded) {
      why = "this process may not use it";
    } else if (kernel.module_on_disk) {
      why = "the module is not loaded";
    }
    return {
        {"SCTP in the kernel",
         fmt::format("no, {}: --transport kernel and mayfly+sctp:// will not work; usrsctp needs "
                     "none",
                     why),
         Verdict::Limited, kernel.mend()}};
  }
  std::vector<Diagnosis> result = {
      {"SCTP in the kernel", "yes, Linux " + kernel.release, Verdict::Fine, {}}};
  result.push_back(sysctl_diagnosis(kernel, "prsctp_enable", 1, "lifetimes (RFC 3758)"));
  const auto port = kernel.sysctls.find("udp_port");
  const bool encapsulates = port != kernel.sysctls.end() && port->second != 0;
  result.push_back({"net.sctp.udp_port",
                    encapsulates ? fmt::format("{}: SCTP over UDP (RFC 6951)", port->second)
                                 : "0: no SCTP over UDP by the kernel; usrsctp does it without",
                    Verdict::Fine, encapsulates ? "" : "sysctl -w net.sctp.udp_port=9899"});
  for (const KernelFeature& each : kernel.features) result.push_back(feature_diagnosis(each));
  return result;
}

std::vector<Diagnosis> diagnose_udp(size_t wanted_buffer_bytes) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) {
    const Error error = from_errno(errno, "cannot be opened");
    return {{"UDP sockets", error.message, Verdict::Missing, {}}};
  }
  const bool has_v6 = FileDescriptor(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)).is_open();
  constexpr int kSegmentBytes = 1252;
  return {
      {"UDP sockets", has_v6 ? "IPv4 and IPv6" : "IPv4 only", Verdict::Fine, {}},
      buffer_diagnosis(socket.get(), SO_RCVBUF, "receive", "net.core.rmem_max",
                       wanted_buffer_bytes),
      buffer_diagnosis(socket.get(), SO_SNDBUF, "send", "net.core.wmem_max", wanted_buffer_bytes),
      offload_diagnosis(socket.get(), UDP_SEGMENT, kSegmentBytes, "UDP_SEGMENT"),
      offload_diagnosis(socket.get(), UDP_GRO, 1, "UDP_GRO")};
}

std::vector<Diagnosis> diagnose_laboratory() {
  std::vector<Diagnosis> result;
  if (can_enter_user_namespace()) {
    result.push_back({"user namespaces", "yes", Verdict::Fine, {}});
  } else {
    result.push_back(
        {"user namespaces", "no: mayfly link needs root", Verdict::Limited,
         "sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000"});
  }
  if (FileDescriptor(open("/dev/net/tun", O_RDWR | O_CLOEXEC)).is_open()) {
    result.push_back({"TUN devices", "yes", Verdict::Fine, {}});
  } else {
    const bool exists = errno != ENOENT;
    result.push_back({"TUN devices",
                      exists
                          ? "/dev/net/tun is there and may not be opened: mayfly link will not work"
                          : "no /dev/net/tun: mayfly link will not work",
                      Verdict::Limited,
                      exists ? "chmod 666 /dev/net/tun"
                             : "modprobe tun; mkdir -p /dev/net && mknod -m 666 /dev/net/tun c 10 "
                               "200"});
  }
  if (is_on_path("linux.uml")) {
    result.push_back({"user-mode-linux", "yes", Verdict::Fine, {}});
  } else {
    result.push_back({"user-mode-linux", "no: the tests of the kernel's SCTP need it",
                      Verdict::Limited, "apt-get install user-mode-linux"});
  }
  return result;
}

Diagnosis diagnose_components(const std::string& kind,
                              const std::vector<MissingComponent>& missing) {
  if (missing.empty()) return {kind, "all there", Verdict::Fine, {}};
  std::vector<std::string> names;
  std::set<std::string> packages;
  for (const MissingComponent& each : missing) {
    names.push_back(fmt::format("{} ({})", each.name, each.purpose));
    if (!each.package.empty()) packages.insert(each.package);
  }
  return {kind, fmt::format("missing: {}", fmt::join(names, ", ")), Verdict::Limited,
          packages.empty() ? std::string()
                           : fmt::format("apt-get install {}", fmt::join(packages, " "))};
}

}  // namespace mayfly
