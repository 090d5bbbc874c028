#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace mayfly {

// Something that SCTP can do where the kernel is told to, and that the configuration asks for.
struct KernelFeature {
  std::string name;  // "message interleaving (RFC 8260)"
  std::string key;   // "transport.kernel.interleaving"
  bool works = false;
  std::string mend;  // what to type as root to get it

  friend bool operator==(const KernelFeature&, const KernelFeature&) = default;
};

// Where the kernel's SCTP stands on this machine, and how to get it.
struct KernelCapabilities {
  std::optional<Error> unavailable;  // why an SCTP socket cannot be opened; nothing when it can
  std::string release;               // "6.1.0-18-amd64"
  bool module_on_disk = false;       // modprobe would find it
  bool module_loaded = false;        // or built in
  std::string blacklisted_in;  // a file of /etc/modprobe.d that forbids loading; empty if none
  std::map<std::string, long long> sysctls;  // net.sctp.*, by the last part of their names
  std::vector<KernelFeature> features;       // as tried on sockets; none without SCTP
  // What to type as root to get SCTP, one command; empty when there is nothing to mend.
  [[nodiscard]] std::string mend() const;

  friend bool operator==(const KernelCapabilities&, const KernelCapabilities&) = default;
};

// Opening the socket may load the module, as any program that asks for SCTP does.
[[nodiscard]] KernelCapabilities probe_kernel_sctp();

}  // namespace mayfly
