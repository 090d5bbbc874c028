#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mayfly {

// A text file of the repository, as the rules of the tree see it.
struct SourceFile {
  std::string path;  // from the root: "wire/frame_piece.h"
  std::vector<std::string> lines;

  [[nodiscard]] bool is_header() const { return path.ends_with(".h"); }
  [[nodiscard]] bool is_cpp() const { return is_header() || path.ends_with(".cc"); }
  [[nodiscard]] bool is_in(const std::string& folder) const {
    return path.starts_with(folder + "/");
  }
  // The top folder; empty for a file of the root itself.
  [[nodiscard]] std::string room() const;
};

[[nodiscard]] SourceFile source_file(std::string path, const std::string& text);

// Every file that people write, in the order of their paths: sources, build files, documents. Not
// what was built, and nothing hidden.
[[nodiscard]] std::vector<SourceFile> read_tree(const std::filesystem::path& root);

}  // namespace mayfly
