#include "runtime/os_entropy.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <cerrno>
#include <cstring>

namespace mayfly {

Result<std::array<std::byte, 32>> os_entropy() {
  std::array<std::byte, 32> bytes{};
  // Up to 256 bytes come whole; only the wait for the first ones may be interrupted.
  ssize_t got = -1;
  do {
    got = getrandom(bytes.data(), bytes.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(bytes.size())) {
    return failure(ErrorCode::Unsupported,
                   fmt::format("this system gives no random numbers for keys: getrandom: {}",
                               std::strerror(errno)));
  }
  return bytes;
}

}  // namespace mayfly
