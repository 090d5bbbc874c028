#pragma once

#include <filesystem>
#include <vector>

#include "core/result.h"
#include "core/track.h"

struct AVOutputFormat;

namespace mayfly {

// The muxer a file's name asks for. Fails with Unsupported when no muxer has that extension, or the
// one that has it would write anything but that one file (playlists, numbered pictures).
[[nodiscard]] Result<const AVOutputFormat*> container_for(const std::filesystem::path& file);

// Whether the container can hold these tracks. If not, fails with Unsupported and a sentence that
// names the codec, the container, and a container that takes all of them.
[[nodiscard]] Result<void> check_fits(const AVOutputFormat& container,
                                      const std::vector<Track>& tracks);

}  // namespace mayfly
