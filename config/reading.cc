#include "config/reading.h"

#include <cerrno>
#include <fstream>
#include <iterator>

namespace mayfly {

Result<std::string> read_document(const std::filesystem::path& file) {
  // A configuration is a page or two; more is some other file.
  constexpr std::uintmax_t kMaxBytes = 1 << 20;
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error) {
    const bool absent = error == std::errc::no_such_file_or_directory;
    return failure(absent ? ErrorCode::NotFound : ErrorCode::Io,
                   fmt::format("config {}: {}", file.string(), error.message()));
  }
  if (size > kMaxBytes) {
    return failure(ErrorCode::InvalidArgument,
                   fmt::format("config {}: {} bytes are no configuration", file.string(), size));
  }
  std::ifstream stream(file, std::ios::binary);
  std::string document(std::istreambuf_iterator<char>(stream), {});
  if (!stream) return failure(from_errno(errno, "config " + file.string()));
  return document;
}

Error error_of(const std::vector<Problem>& problems, const std::string& name) {
  std::string message;
  for (const Problem& each : problems) {
    if (!message.empty()) message += "\n";
    if (!name.empty()) message += name + ":";
    if (each.line > 0) message += std::to_string(each.line) + ":";
    if (!name.empty()) message += " ";
    message += each.path + ": " + each.what;
  }
  return {ErrorCode::InvalidArgument, std::move(message)};
}

}  // namespace mayfly
