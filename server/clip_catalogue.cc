#include "server/clip_catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/check.h"
#include "wire/control.h"
#include "wire/utf8.h"

namespace mayfly {
namespace {

namespace fs = std::filesystem;

// How many names a refusal lists: a sentence is for reading.
constexpr size_t kMostNamesTold = 8;

// "cam=rtsp://host/stream" but not a file that happens to be called so.
struct LiveInput {
  std::string name;
  std::string url;
};
[[nodiscard]] std::optional<LiveInput> live_input_from(const std::string& media) {
  const size_t equals = media.find('=');
  if (equals == std::string::npos) return std::nullopt;
  LiveInput live{media.substr(0, equals), media.substr(equals + 1)};
  if (live.url.find("://") == std::string::npos) return std::nullopt;
  if (live.name.find("://") != std::string::npos) return std::nullopt;
  return live;
}

[[nodiscard]] std::string without_extension(const std::string& name) {
  const fs::path path(name);
  return (path.parent_path() / path.stem()).generic_string();
}

[[nodiscard]] bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

// What a folder holds, sorted so that the same folder gives the same catalogue everywhere. Symbolic
// links to folders are not followed: they may lead in a circle.
[[nodiscard]] std::vector<fs::path> files_in(const fs::path& folder,
                                             const ClipCatalogueOptions& options,
                                             ClipCatalogue::Problems& problems) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator each(folder, fs::directory_options::skip_permission_denied,
                                        error);
  for (; !error && each != fs::recursive_directory_iterator(); each.increment(error)) {
    const bool is_folder = each->is_directory(error);
    if (is_folder && (is_hidden(each->path()) || each.depth() >= options.deepest_folder)) {
      each.disable_recursion_pending();
    }
    std::error_code ignored;
    if (is_hidden(each->path()) || !each->is_regular_file(ignored)) continue;
    if (files.size() >= 2 * options.most_clips) {
      problems.push_back(
          {ErrorCode::Exhausted, fmt::format("{}: more than {} files; the others are left out",
                                             folder.string(), 2 * options.most_clips)});
      break;
    }
    files.push_back(each->path());
  }
  if (error) {
    problems.push_back({ErrorCode::Io, fmt::format("{}: {}", folder.string(), error.message())});
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Gathers the clips one by one and keeps what is wrong with the others.
class Collector {
 public:
  Collector(const MediaOpener& open, ClipCatalogue::Problems& problems,
            const ClipCatalogueOptions& options)
      : open_(open), problems_(problems), options_(options) {}

  void add(const std::string& media) {
    std::error_code error;
    const fs::file_status status = fs::status(media, error);
    if (fs::is_directory(status)) {
      const fs::path folder(media);
      for (const fs::path& file : files_in(folder, options_, problems_)) {
        add_file(file.lexically_relative(folder).generic_string(), file.string());
      }
    } else if (fs::is_regular_file(status)) {
      add_file(fs::path(media).filename().string(), media);
    } else if (const auto live = live_input_from(media)) {
      add_clip({live->name, {live->url, true}, {}, {}});
    } else if (fs::exists(status)) {
      report(media, ErrorCode::InvalidArgument, "is neither a file nor a folder");
    } else if (media.find("://") != std::string::npos) {
      report(media, ErrorCode::InvalidArgument, "a live input needs a name, as in camera=" + media);
    } else {
      report(media, ErrorCode::NotFound, "no such file or folder");
    }
  }

  [[nodiscard]] std::map<std::string, Clip> take() { return std::move(clips_); }

 private:
  void report(const std::string& media, ErrorCode code, const std::string& what) {
    problems_.push_back({code, media + ": " + what});
  }

  // Whether a clip may have this name, reported if not.
  [[nodiscard]] bool accepts(const std::string& name, const std::string& place) {
    if (name.empty() || name.size() > options_.longest_name_bytes ||
        wire::valid_utf8(name, name.size()) != name) {
      report(place, ErrorCode::InvalidArgument,
             fmt::format("a clip's name must be UTF-8 text of 1 to {} bytes; rename the file",
                         options_.longest_name_bytes));
      return false;
    }
    if (const auto taken = clips_.find(name); taken != clips_.end()) {
      if (taken->second.location.place != place) {
        report(place, ErrorCode::InvalidArgument,
               fmt::format("the name \"{}\" is taken by {}; rename one of them", name,
                           taken->second.location.place));
      }
      return false;
    }
    if (clips_.size() >= options_.most_clips) {
      if (!std::exchange(is_full_, true)) {
        report(place, ErrorCode::Exhausted,
               fmt::format("there are {} clips already; this one and those after it are left out",
                           options_.most_clips));
      }
      return false;
    }
    return true;
  }

  void add_file(const std::string& name, const std::string& path) {
    if (!accepts(name, path)) return;
    const MediaLocation location{path, false};
    const auto source = open_(location);
    if (!source) {
      // The opener's sentence names the file already, or has its name put in front.
      Error error = source.error();
      if (error.message.find(path) == std::string::npos) error = error.in(path);
      problems_.push_back(std::move(error));
      return;
    }
    std::vector<Track> tracks = (*source)->tracks();
    if (const auto fault = wire::fault_of(tracks)) {
      return report(path, ErrorCode::Unsupported, *fault);
    }
    for (Track& each : tracks) each.extradata.clear();  // the listing has no use for it
    clips_.emplace(name, Clip{name, location, (*source)->duration(), std::move(tracks)});
  }

  void add_clip(Clip clip) {
    if (accepts(clip.name, clip.location.place)) clips_.emplace(clip.name, std::move(clip));
  }

  const MediaOpener& open_;
  ClipCatalogue::Problems& problems_;
  const ClipCatalogueOptions& options_;
  std::map<std::string, Clip> clips_;
  bool is_full_ = false;
};

}  // namespace

ClipCatalogue ClipCatalogue::collect(const std::vector<std::string>& media, const MediaOpener& open,
                                     Problems& problems, const ClipCatalogueOptions& options) {
  Collector collector(open, problems, options);
  for (const std::string& each : media) collector.add(each);
  std::vector<Clip> clips;
  for (auto& [name, clip] : collector.take()) clips.push_back(std::move(clip));
  return of(std::move(clips));
}

ClipCatalogue ClipCatalogue::of(std::vector<Clip> clips) {
  ClipCatalogue catalogue;
  for (Clip& each : clips) {
    if (!each.location.is_live) {
      catalogue.short_names_.emplace(without_extension(each.name), each.name);
    }
    const std::string name = each.name;
    const bool is_new = catalogue.clips_.emplace(name, std::move(each)).second;
    MAYFLY_CHECK(is_new);
  }
  return catalogue;
}

Result<const Clip*> ClipCatalogue::find(std::string_view name) const {
  while (name.starts_with('/')) name.remove_prefix(1);
  if (const auto exact = clips_.find(std::string(name)); exact != clips_.end()) {
    return &exact->second;
  }
  const auto [first, last] = short_names_.equal_range(std::string(name));
  if (first == last) {
    std::vector<std::string_view> names;
    for (const auto& [each, clip] : clips_) {
      if (names.size() < kMostNamesTold) names.push_back(each);
    }
    if (names.size() < clips_.size()) names.emplace_back("...");
    return failure(ErrorCode::NotFound,
                   fmt::format("no clip is called \"{}\"; there {}: {}", name,
                               clips_.size() == 1 ? "is" : "are",
                               names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
  }
  if (std::next(first) == last) return &clips_.at(first->second);
  std::vector<std::string_view> names;
  for (auto each = first; each != last; ++each) names.push_back(each->second);
  std::sort(names.begin(), names.end());
  return failure(ErrorCode::InvalidArgument,
                 fmt::format("\"{}\" may be any of: {}", name, fmt::join(names, ", ")));
}

}  // namespace mayfly
