#include "transport/kernel/auth_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "core/file_descriptor.h"

namespace mayfly {
namespace {

constexpr std::string_view kWhiteSpace = " \t\r\n";
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1);
}

Result<void> check_secrecy(int descriptor, const std::string& file) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return failure(from_errno(errno, file));
  if (!S_ISREG(status.st_mode)) {
    return failure(ErrorCode::InvalidArgument, file + " is not a file with a key");
  }
  if ((status.st_mode & kOthers) == 0) return {};
  return failure(ErrorCode::InvalidArgument,
                 fmt::format("{0} holds a secret and is open to others than its owner: try \"chmod "
                             "600 {0}\"",
                             file));
}

}  // namespace

Result<AuthKey> AuthKey::parse(std::string_view digits) {
  const std::string_view text = trimmed(digits);
  if (text.size() % 2 != 0 || text.size() < 2 * kFewestBytes || text.size() > 2 * kMostBytes) {
    return failure(ErrorCode::InvalidArgument,
                   fmt::format("a key is {} to {} hexadecimal digits, two for a byte: \"openssl "
                               "rand -hex 32\" makes one",
                               2 * kFewestBytes, 2 * kMostBytes));
  }
  Bytes bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    uint8_t value = 0;
    const char* const end = text.data() + i + 2;
    const auto parsed = std::from_chars(text.data() + i, end, value, 16);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
      return failure(ErrorCode::InvalidArgument,
                     fmt::format("character {} of the key is not a hexadecimal digit",
                                 parsed.ptr - text.data() + 1));
    }
    bytes.push_back(std::byte{value});
  }
  return AuthKey(std::move(bytes));
}

Result<AuthKey> AuthKey::read(const std::filesystem::path& file) {
  // Without waiting for whoever writes to a pipe of that name.
  const FileDescriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!descriptor.is_open()) return failure(from_errno(errno, file.string()));
  RETURN_IF_ERROR(check_secrecy(descriptor.get(), file.string()));
  std::array<char, 4 * kMostBytes> text{};
  const ssize_t count = ::read(descriptor.get(), text.data(), text.size());
  if (count < 0) return failure(from_errno(errno, file.string()));
  auto key = parse({text.data(), static_cast<size_t>(count)});
  if (!key) return failure(std::move(key).error().in(file.string()));
  return key;
}

}  // namespace mayfly
