#pragma once

#include <optional>
#include <string>

#include "core/file_descriptor.h"
#include "core/result.h"

namespace mayfly {

// An end of an emulated link, as the kernel sees it: an interface whose packets this process reads
// and writes. It belongs to the network in which it was opened, and goes with its descriptor.
struct TunDevice {
  std::string name;
  int index = 0;              // of the interface
  FileDescriptor descriptor;  // one whole IP packet per read and write; never blocks
};

// Makes the interface in the network that the process is in. Nothing when one of that name exists.
// Fails with Unsupported when the machine has no TUN devices or keeps them from this user; the
// sentence says the mend.
[[nodiscard]] Result<std::optional<TunDevice>> make_tun_device(const std::string& name);

}  // namespace mayfly
