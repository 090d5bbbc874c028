#include "lab/default_clip.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <vector>

extern char** environ;

namespace mayfly {
namespace {

constexpr const char* kStreet = "/usr/share/doc/opencv-doc/examples/data/vtest.avi";

using Arguments = std::vector<std::string>;

// Nothing holds the rate from frame to frame: the giant I frames of a static camera are the point.
Arguments encoder(const std::string& seconds, const std::string& out) {
  return {"-c:v",          "mpeg2video", "-b:v",   "1500k", "-g", "12",    "-bf", "2",
          "-sc_threshold", "1000000000", "-flags", "+cgop", "-t", seconds, out};
}

Result<void> run_ffmpeg(const Arguments& input, const Arguments& output) {
  Arguments arguments{"ffmpeg", "-v", "error", "-nostdin", "-y"};
  arguments.insert(arguments.end(), input.begin(), input.end());
  arguments.insert(arguments.end(), output.begin(), output.end());
  std::vector<char*> pointers;
  for (std::string& each : arguments) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  pid_t process = 0;
  const int error = posix_spawnp(&process, "ffmpeg", nullptr, nullptr, pointers.data(), environ);
  if (error == ENOENT) {
    return failure(ErrorCode::NotFound,
                   "ffmpeg, which makes the clip to compare with, is not installed: apt-get "
                   "install ffmpeg, or name a clip with --clip");
  }
  if (error != 0) return failure(from_errno(error, "starting ffmpeg"));
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return failure(ErrorCode::Io,
                 "ffmpeg could not make the clip to compare with; what it said is "
                 "above");
}

}  // namespace

Result<DefaultClip> default_clip(const std::string& folder, int seconds) {
  const bool is_filmed = access(kStreet, R_OK) == 0;
  const std::string name = is_filmed ? "street" : "fractal";
  DefaultClip clip{fmt::format("{}/{}-{}s.ts", folder, name, seconds), ""};
  if (!is_filmed) {
    clip.notice = fmt::format(
        "{} is not there (apt-get install opencv-doc): the clip is drawn, "
        "fractal instead of street",
        kStreet);
  }
  std::error_code error;
  if (std::filesystem::exists(clip.path, error)) return clip;
  const Arguments input = is_filmed
                              ? Arguments{"-i", kStreet, "-an", "-vf", "fps=25,scale=640:480"}
                              : Arguments{"-f", "lavfi", "-i", "mandelbrot=size=640x480:rate=25"};
  // Into its place at the end only: whoever is interrupted leaves no half clip behind.
  const std::string part = fmt::format("{}/.part-{}.ts", folder, getpid());
  const auto made = run_ffmpeg(input, encoder(std::to_string(seconds), part));
  if (made) std::filesystem::rename(part, clip.path, error);
  std::error_code ignored;
  std::filesystem::remove(part, ignored);
  RETURN_IF_ERROR(made);
  if (error) return failure(ErrorCode::Io, "writing " + clip.path + ": " + error.message());
  return clip;
}

}  // namespace mayfly
