#include "emulator/namespaces.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

namespace mayfly {
namespace {

// What a program needs to put a link inside the link: devices, new networks, raw sockets for ping.
constexpr std::array<int, 4> kKeptRights = {CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE,
                                            CAP_SYS_ADMIN};

using CapabilitySets = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

// glibc has no wrapper for the two calls, and libcap is not worth a dependency for them.
__user_cap_header_struct capability_header() { return {_LINUX_CAPABILITY_VERSION_3, 0}; }

bool has_capability(int capability) {
  auto header = capability_header();
  CapabilitySets sets{};
  if (syscall(SYS_capget, &header, sets.data()) != 0) return false;
  const auto bit = static_cast<unsigned>(capability);
  return (sets.at(bit / 32).effective >> (bit % 32) & 1U) != 0;
}

// 0, or the errno.
int write_once(const std::string& file, std::string_view text) {
  const FileDescriptor descriptor(open(file.c_str(), O_WRONLY | O_CLOEXEC));
  const bool written = descriptor.is_open() && write(descriptor.get(), text.data(), text.size()) ==
                                                   static_cast<ssize_t>(text.size());
  return written ? 0 : errno;
}

Error user_namespace_error(int error_number) {
  Error error = from_errno(error_number, "making a user namespace");
  error.code = ErrorCode::Unsupported;
  error.message +=
      "; run it as root, or let users have them: sysctl -w kernel.unprivileged_userns_clone=1 "
      "user.max_user_namespaces=10000";
  return error;
}

Error with_apparmor_mend(Error error) {
  error.code = ErrorCode::Unsupported;
  error.message +=
      "; run it as root, or where AppArmor forbids it to users: sysctl -w "
      "kernel.apparmor_restrict_unprivileged_userns=0";
  return error;
}

// Where AppArmor restricts user namespaces, they can be made and nothing can be done in them.
Result<void> write_map(const std::string& file, const std::string& text) {
  const int error_number = write_once(file, text);
  if (error_number == 0) return {};
  Error error = from_errno(error_number, "writing " + file);
  const bool is_forbidden = error_number == EACCES || error_number == EPERM;
  return failure(is_forbidden ? with_apparmor_mend(std::move(error)) : std::move(error));
}

}  // namespace

bool may_set_up_network() {
  if (!has_capability(CAP_NET_ADMIN) || !has_capability(CAP_SYS_ADMIN)) return false;
  // These rights hold in networks of this user namespace or one inside it, and of no other does the
  // kernel tell whose it is.
  const FileDescriptor network(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  return FileDescriptor(ioctl(network.get(), NS_GET_USERNS)).is_open();
}

bool may_make_networks() { return has_capability(CAP_SYS_ADMIN) && has_capability(CAP_NET_ADMIN); }

Result<void> enter_user_namespace() {
  // Asked before: inside, both are nobody until the maps are written.
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (unshare(CLONE_NEWUSER) != 0) return failure(user_namespace_error(errno));
  // The kernel wants this before it lets a user write the map of groups.
  RETURN_IF_ERROR(write_map("/proc/self/setgroups", "deny"));
  RETURN_IF_ERROR(write_map("/proc/self/uid_map", fmt::format("{0} {0} 1", user)));
  RETURN_IF_ERROR(write_map("/proc/self/gid_map", fmt::format("{0} {0} 1", group)));
  return {};
}

Result<FileDescriptor> current_network() {
  FileDescriptor network(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!network.is_open()) return failure(from_errno(errno, "/proc/self/ns/net"));
  return network;
}

Result<void> enter_new_network() {
  if (unshare(CLONE_NEWNET) == 0) return {};
  const int error_number = errno;
  Error error = from_errno(error_number, "making a network namespace");
  return failure(error_number == EPERM ? with_apparmor_mend(std::move(error)) : std::move(error));
}

Result<void> enter_network(const FileDescriptor& network) {
  if (setns(network.get(), CLONE_NEWNET) == 0) return {};
  return failure(from_errno(errno, "entering a network namespace"));
}

void keep_network_rights() {
  auto header = capability_header();
  CapabilitySets sets{};
  if (syscall(SYS_capget, &header, sets.data()) != 0) return;
  for (const int each : kKeptRights) {
    const auto bit = static_cast<unsigned>(each);
    auto& set = sets.at(bit / 32);
    set.inheritable |= set.permitted & 1U << (bit % 32);
  }
  if (syscall(SYS_capset, &header, sets.data()) != 0) return;
  for (const int each : kKeptRights) prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, each, 0, 0);
}

bool set_network_setting(const char* name, const char* value) {
  return write_once(std::string("/proc/sys/net/") + name, value) == 0;
}

}  // namespace mayfly
