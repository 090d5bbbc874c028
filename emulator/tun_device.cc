#include "emulator/tun_device.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>

namespace mayfly {
namespace {

constexpr const char* kTunFile = "/dev/net/tun";

Error open_error(int error_number) {
  Error error = from_errno(error_number, kTunFile);
  error.code = ErrorCode::Unsupported;
  switch (error_number) {
    case ENOENT:
      error.message +=
          "; as root, this makes it: modprobe tun; mkdir -p /dev/net && mknod -m 666 /dev/net/tun "
          "c 10 200";
      break;
    case EACCES:
    case EPERM: error.message += "; as root, this opens it to users: chmod 666 /dev/net/tun"; break;
    case ENODEV:
    case ENXIO: error.message += "; this kernel has no TUN devices, or: modprobe tun"; break;
    default: break;
  }
  return error;
}

}  // namespace

Result<std::optional<TunDevice>> make_tun_device(const std::string& name) {
  TunDevice device;
  device.name = name;
  device.descriptor = FileDescriptor(open(kTunFile, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!device.descriptor.is_open()) return failure(open_error(errno));
  ifreq request{};
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  // Without a header of the device's own, and only if it does not exist yet.
  request.ifr_flags = static_cast<short>(IFF_TUN | IFF_NO_PI | IFF_TUN_EXCL);
  if (ioctl(device.descriptor.get(), TUNSETIFF, &request) != 0) {
    if (errno == EBUSY || errno == EEXIST) return std::nullopt;
    return failure(from_errno(errno, "making the TUN device " + name));
  }
  device.index = static_cast<int>(if_nametoindex(name.c_str()));
  return std::optional(std::move(device));
}

}  // namespace mayfly
