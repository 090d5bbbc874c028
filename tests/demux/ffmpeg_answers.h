#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/bytes.h"

namespace mayfly {

// A folder of its own that goes with the test.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// What a shell command writes to stdout. Fails the test where the command fails.
[[nodiscard]] Bytes output_of(const std::string& command);
// pict_type of every frame of the first video track, in the order in which they are shown; S counts
// as P.
[[nodiscard]] std::string shown_types(const std::string& file);
// The elementary stream of the first video track, as the container holds it.
[[nodiscard]] Bytes elementary_stream(const std::string& file);

[[nodiscard]] Bytes read_file(const std::string& file);
void write_file(const std::string& file, ByteView bytes);

}  // namespace mayfly
