#include "tests/architecture/source_file.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string_view>

namespace mayfly {
namespace {

constexpr std::array<std::string_view, 8> kWrittenByPeople = {".h",  ".cc",   ".proto", ".cmake",
                                                              ".md", ".toml", ".sh",    ".py"};

bool is_written_by_people(const std::filesystem::path& file) {
  const std::string extension = file.extension().string();
  return file.filename() == "CMakeLists.txt" ||
         std::find(kWrittenByPeople.begin(), kWrittenByPeople.end(), extension) !=
             kWrittenByPeople.end();
}

// Hidden folders are git's and the tools'; build holds what was made from the rest.
bool is_left_out(const std::filesystem::path& folder) {
  const std::string name = folder.filename().string();
  return name.starts_with('.') || name.starts_with("build") || name == "node_modules";
}

}  // namespace

std::string SourceFile::room() const {
  const size_t slash = path.find('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

SourceFile source_file(std::string path, const std::string& text) {
  SourceFile file{std::move(path), {}};
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) file.lines.push_back(line);
  return file;
}

std::vector<SourceFile> read_tree(const std::filesystem::path& root) {
  std::vector<SourceFile> files;
  for (auto entry = std::filesystem::recursive_directory_iterator(root);
       entry != std::filesystem::recursive_directory_iterator(); ++entry) {
    if (entry->is_directory() && is_left_out(entry->path())) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file() && is_written_by_people(entry->path())) {
      std::ostringstream text;
      text << std::ifstream(entry->path()).rdbuf();
      files.push_back(
          source_file(std::filesystem::relative(entry->path(), root).string(), text.str()));
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace mayfly
