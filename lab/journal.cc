#include "lab/journal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

namespace mayfly {
namespace {

constexpr int kSchema = 1;

std::string header_for(const ClipTrace& clip) {
  const nlohmann::ordered_json header = {{"journal", "mayfly compare"},
                                         {"schema", kSchema},
                                         {"version", MAYFLY_VERSION},
                                         {"frames", clip.size()},
                                         {"clip_digest", fmt::format("{:016x}", clip.digest())}};
  return header.dump();
}

// The lines that are whole.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    if (end == std::string::npos) break;
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace

Result<Journal> Journal::open(const std::string& path, const ClipTrace& clip) {
  std::string text;
  if (std::filesystem::exists(path)) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream all;
    all << in.rdbuf();
    if (!in) return failure(from_errno(errno, "reading " + path));
    text = all.str();
  }
  const std::string header = header_for(clip);
  const std::vector<std::string> lines = lines_of(text);
  if (!lines.empty() && lines[0] != header) {
    return failure(ErrorCode::InvalidArgument,
                   path +
                       " has runs of another clip, length or version: name another folder, or "
                       "delete the file");
  }
  std::vector<RunRecord> found;
  for (size_t i = 1; i < lines.size(); ++i) {
    auto record = parse_record(lines[i]);
    if (!record) return failure(record.error().in(fmt::format("{}, line {}", path, i + 1)));
    found.push_back(std::move(*record));
  }
  // What is whole stays as it is: nothing that happens now may cost what took hours.
  File file(std::fopen(path.c_str(), "ae"));
  if (!file) return failure(from_errno(errno, "writing " + path));
  const size_t whole = text.rfind('\n') + 1;  // 0 without one
  if (ftruncate(fileno(file.get()), static_cast<off_t>(whole)) != 0) {
    return failure(from_errno(errno, "writing " + path));
  }
  if (lines.empty()) RETURN_IF_ERROR(write_line(*file, path, header));
  return Journal(path, std::move(file), std::move(found));
}

Result<void> Journal::append(const RunRecord& record) {
  return write_line(*file_, path_, to_line(record));
}

Result<void> Journal::write_line(std::FILE& file, const std::string& path,
                                 const std::string& line) {
  const bool written = std::fwrite(line.data(), 1, line.size(), &file) == line.size() &&
                       std::fputc('\n', &file) != EOF && std::fflush(&file) == 0;
  if (written) return {};
  return failure(from_errno(errno, "writing " + path));
}

}  // namespace mayfly
