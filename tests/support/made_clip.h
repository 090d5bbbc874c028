#pragma once

#include <filesystem>
#include <string>

namespace mayfly::testing {

// How ffmpeg makes a clip. `arguments` are ffmpeg's between its global options and the output file,
// as a shell reads them: {"a.mp4", "-f lavfi -i testsrc=d=2 -c:v libx264"}
struct ClipRecipe {
  std::string file_name;
  std::string arguments;
};

// The recipe as one whose clip can be made beforehand. For constants at namespace scope:
//   const ClipRecipe& kClip = declared({"a.mp4", test_picture(2) + "-c:v libx264"});
[[nodiscard]] const ClipRecipe& declared(ClipRecipe recipe);
// Makes the clips of the declared recipes that are not in the store, a folder. Aborts the test
// program when ffmpeg fails, showing what it said.
void make_declared_clips(const std::filesystem::path& store);
// From now on clips are taken from this store, where all must be: for the guest, where ffmpeg needs
// seconds to start.
void take_clips_from(const std::filesystem::path& store);

// A clip made on the spot, in a folder of its own that goes away with it; or taken from the store.
// Aborts the test program when ffmpeg fails, showing what it said.
class MadeClip {
 public:
  explicit MadeClip(const ClipRecipe& recipe);
  MadeClip(const std::string& file_name, const std::string& arguments);
  MadeClip(const MadeClip&) = delete;
  MadeClip& operator=(const MadeClip&) = delete;
  ~MadeClip();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  std::filesystem::path path_;
  bool is_ours_ = true;
};

// Arguments for a moving test picture of 160x120 at 25 Hz and, where asked for, a tone: what two
// seconds of any codec are made of.
[[nodiscard]] std::string test_picture(int seconds = 2);
[[nodiscard]] std::string test_picture_and_tone(int seconds = 2);

}  // namespace mayfly::testing
