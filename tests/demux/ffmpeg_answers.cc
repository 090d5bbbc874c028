#include "tests/demux/ffmpeg_answers.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

namespace mayfly {
namespace {

struct ClosePipe {
  void operator()(FILE* pipe) const { pclose(pipe); }
};

}  // namespace

ScratchFolder::ScratchFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "mayfly-demux-XXXXXX").string();
  EXPECT_NE(mkdtemp(name.data()), nullptr);
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Bytes output_of(const std::string& command) {
  Bytes output;
  std::unique_ptr<FILE, ClosePipe> pipe(popen(command.c_str(), "r"));
  if (!pipe) {
    ADD_FAILURE() << "cannot run " << command;
    return output;
  }
  std::array<std::byte, 65536> chunk{};
  while (const size_t count = fread(chunk.data(), 1, chunk.size(), pipe.get())) {
    output.insert(output.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(count));
  }
  EXPECT_EQ(pclose(pipe.release()), 0) << command;
  return output;
}

std::string shown_types(const std::string& file) {
  const Bytes output = output_of(
      "ffprobe -v quiet -select_streams v:0 -show_frames -show_entries frame=pict_type "
      "-of default=nw=1:nk=1 " +
      file);
  std::string types;
  // One line for each frame, and lines for the names of its side data.
  std::istringstream lines{std::string(as_text(output))};
  for (std::string line; std::getline(lines, line);) {
    if (line == "I" || line == "P" || line == "B") types += line;
    if (line == "S" || line == "SP") types += 'P';
  }
  return types;
}

Bytes elementary_stream(const std::string& file) {
  return output_of("ffmpeg -nostdin -v quiet -i " + file + " -map 0:v:0 -c copy -f data -");
}

Bytes read_file(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(stream)),
                         std::istreambuf_iterator<char>());
  const ByteView bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

void write_file(const std::string& file, ByteView bytes) {
  const std::string_view text = as_text(bytes);
  std::ofstream(file, std::ios::binary)
      .write(text.data(), static_cast<std::streamsize>(text.size()));
}

}  // namespace mayfly
