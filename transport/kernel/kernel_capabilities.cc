#include "transport/kernel/kernel_capabilities.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "transport/kernel/kernel_transport.h"
#include "transport/kernel/socket_features.h"

namespace mayfly {
namespace {

namespace fs = std::filesystem;

constexpr std::array kSysctls = {"addip_enable",  "auth_enable",   "encap_port",  "intl_enable",
                                 "prsctp_enable", "reconf_enable", "rto_initial", "rto_max",
                                 "rto_min",       "sack_timeout",  "udp_port"};

bool module_is_on_disk(const std::string& release) {
  std::error_code ignored;
  for (const char* root : {"/lib/modules/", "/usr/lib/modules/"}) {
    for (const char* suffix : {"", ".xz", ".zst", ".gz"}) {
      const fs::path path = root + release + "/kernel/net/sctp/sctp.ko" + suffix;
      if (fs::exists(path, ignored)) return true;
    }
  }
  return false;
}

// A line of modprobe.d(5): "blacklist sctp", or "install sctp /bin/false".
bool forbids_sctp(const std::string& line) {
  std::istringstream words(line);
  std::string command;
  std::string module;
  std::string program;
  words >> command >> module >> program;
  if (module != "sctp") return false;
  return command == "blacklist" ||
         (command == "install" && (program.ends_with("/true") || program.ends_with("/false")));
}

std::string file_that_blacklists() {
  std::error_code ignored;
  for (const char* folder : {"/etc/modprobe.d", "/usr/lib/modprobe.d", "/run/modprobe.d"}) {
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) {
        if (forbids_sctp(line)) return entry.path();
      }
    }
  }
  return {};
}

// Whether a fresh socket takes what the feature needs.
bool socket_takes(const std::function<Result<void>(const SctpSocket&)>& apply) {
  const auto socket = SctpSocket::open(IpEndpoint::Family::V4);
  return socket && apply(*socket);
}

std::vector<KernelFeature> tried_features() {
  const auto any_key = AuthKey::parse("00000000000000000000000000000000");
  return {
      {"SCTP-AUTH (RFC 4895)", "transport.kernel.auth_key_file",
       socket_takes([&](const auto& socket) { return apply_authentication(socket, *any_key); }),
       "sysctl -w net.sctp.auth_enable=1"},
      {"dynamic addresses (RFC 5061)", "transport.kernel.dynamic_addresses",
       socket_takes(apply_dynamic_addresses),
       "sysctl -w net.sctp.auth_enable=1 net.sctp.addip_enable=1"},
      {"message interleaving (RFC 8260)", "transport.kernel.interleaving",
       socket_takes(apply_interleaving), "sysctl -w net.sctp.intl_enable=1"},
  };
}

}  // namespace

std::string KernelCapabilities::mend() const {
  if (!unavailable) return {};
  if (!blacklisted_in.empty()) {
    return fmt::format("sed -i '/sctp/s/^/#/' {} && modprobe sctp", blacklisted_in);
  }
  if (module_on_disk) return "modprobe sctp";
  // A container has the host's kernel and seldom its modules.
  std::error_code ignored;
  if (fs::exists("/.dockerenv", ignored) || fs::exists("/run/.containerenv", ignored)) {
    return "modprobe sctp   # on the host of this container";
  }
  if (release.find("cloud") != std::string::npos) {
    return "apt-get install linux-image-amd64 && reboot   # the cloud kernel comes without SCTP";
  }
  return "apt-get install linux-modules-extra-$(uname -r) || apt-get install linux-image-amd64; "
         "modprobe sctp";
}

KernelCapabilities probe_kernel_sctp() {
  KernelCapabilities found;
  utsname system{};
  if (uname(&system) == 0) found.release = system.release;
  if (auto available = KernelTransport::available(); !available) {
    found.unavailable = std::move(available).error();
  }
  if (!found.unavailable) found.features = tried_features();
  std::error_code ignored;
  found.module_on_disk = module_is_on_disk(found.release);
  found.module_loaded = fs::exists("/proc/net/sctp", ignored);
  found.blacklisted_in = file_that_blacklists();
  for (const std::string name : kSysctls) {
    std::ifstream file("/proc/sys/net/sctp/" + name);
    long long value = 0;
    if (file >> value) found.sysctls[name] = value;
  }
  return found;
}

}  // namespace mayfly
