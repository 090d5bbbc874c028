#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/track.h"
#include "core/units.h"
#include "demux/media_source.h"

namespace mayfly {

// Where a clip comes from: a file's path, or the URL of a live input.
struct MediaLocation {
  std::string place;
  bool is_live = false;

  friend bool operator==(const MediaLocation&, const MediaLocation&) = default;
};

// Opens a file or a live input. The catalogue is made without knowing how media is read.
using MediaOpener = std::function<Result<std::unique_ptr<MediaSource>>(const MediaLocation&)>;

struct Clip {
  std::string name;  // "holiday/day 1.mp4"; for live inputs what the user called it
  MediaLocation location;
  std::optional<Duration> duration;  // none for live inputs
  std::vector<Track> tracks;         // empty for live inputs, which are opened when asked for

  friend bool operator==(const Clip&, const Clip&) = default;
};

struct ClipCatalogueOptions {
  size_t most_clips = 10'000;
  int deepest_folder = 16;
  size_t longest_name_bytes = 1024;

  friend bool operator==(const ClipCatalogueOptions&, const ClipCatalogueOptions&) = default;
};

// The clips a server offers, by name. A player's words are only ever looked up here, never made
// into a path.
class ClipCatalogue {
 public:
  // What was left out and why: `movies/notes.txt: not a media file`.
  using Problems = std::vector<Error>;

  // `media`: files; folders, taken with all that is in them but hidden files; live inputs as
  // `name=url`. A file is called by its name, one from a folder by its path inside the folder. Each
  // is opened once to see that it can be. What cannot is a problem and left out; so there may be
  // nothing left.
  [[nodiscard]] static ClipCatalogue collect(const std::vector<std::string>& media,
                                             const MediaOpener& open, Problems& problems,
                                             const ClipCatalogueOptions& options = {});

  // Of clips that are known already, each with a name of its own.
  [[nodiscard]] static ClipCatalogue of(std::vector<Clip> clips);

  // By name, or by name without its extension where that is unambiguous; a leading slash is
  // ignored. NotFound says what there is, InvalidArgument between which to choose.
  [[nodiscard]] Result<const Clip*> find(std::string_view name) const;

  [[nodiscard]] const std::map<std::string, Clip>& clips() const { return clips_; }
  [[nodiscard]] bool empty() const { return clips_.empty(); }

 private:
  std::map<std::string, Clip> clips_;
  std::multimap<std::string, std::string> short_names_;  // without extension -> name
};

}  // namespace mayfly
