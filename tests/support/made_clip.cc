#include "tests/support/made_clip.h"

#include <cstdlib>
#include <deque>
#include <fstream>
#include <functional>
#include <iostream>
#include <utility>

namespace mayfly::testing {

namespace fs = std::filesystem;

namespace {

fs::path store_in_use;

fs::path new_folder(const fs::path& in) {
  std::string folder = (in / "mayfly-clip-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    std::perror(folder.c_str());
    std::abort();
  }
  return folder;
}

// Never moved: tests keep references.
std::deque<ClipRecipe>& declared_recipes() {
  static std::deque<ClipRecipe> recipes;
  return recipes;
}

void make_in(const fs::path& folder, const ClipRecipe& recipe) {
  const fs::path log = folder / "ffmpeg.log";
  const std::string command = "ffmpeg -nostdin -v error -y " + recipe.arguments + " '" +
                              (folder / recipe.file_name).string() + "' >'" + log.string() +
                              "' 2>&1";
  if (std::system(command.c_str()) == 0) return;
  std::cerr << command << '\n' << std::ifstream(log).rdbuf();
  std::abort();
}

fs::path place_in(const fs::path& store, const ClipRecipe& recipe) {
  const size_t key = std::hash<std::string>()(recipe.file_name + '\n' + recipe.arguments);
  return store / std::to_string(key);
}

}  // namespace

const ClipRecipe& declared(ClipRecipe recipe) {
  return declared_recipes().emplace_back(std::move(recipe));
}

void make_declared_clips(const fs::path& store) {
  fs::create_directories(store);
  for (const ClipRecipe& each : declared_recipes()) {
    if (fs::exists(place_in(store, each))) continue;
    // Under another name until it is whole: whoever is interrupted begins again.
    const fs::path unfinished = new_folder(store);
    make_in(unfinished, each);
    fs::rename(unfinished, place_in(store, each));
  }
}

void take_clips_from(const fs::path& store) { store_in_use = store; }

MadeClip::MadeClip(const std::string& file_name, const std::string& arguments)
    : MadeClip(ClipRecipe{file_name, arguments}) {}

MadeClip::MadeClip(const ClipRecipe& recipe) {
  if (store_in_use.empty()) {
    folder_ = new_folder(fs::temp_directory_path());
    make_in(folder_, recipe);
  } else {
    folder_ = place_in(store_in_use, recipe);
    is_ours_ = false;
  }
  path_ = folder_ / recipe.file_name;
  if (fs::exists(path_)) return;
  std::cerr << path_ << ": no such clip in the store: declare its recipe\n";
  std::abort();
}

MadeClip::~MadeClip() {
  if (!is_ours_) return;
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string test_picture(int seconds) {
  return "-f lavfi -i testsrc=size=160x120:rate=25:duration=" + std::to_string(seconds) +
         " -pix_fmt yuv420p ";
}

std::string test_picture_and_tone(int seconds) {
  const std::string duration = std::to_string(seconds);
  return "-f lavfi -i testsrc=size=160x120:rate=25:duration=" + duration +
         " -f lavfi -i sine=frequency=440:sample_rate=48000:duration=" + duration +
         " -pix_fmt yuv420p -ac 2 ";
}

}  // namespace mayfly::testing
