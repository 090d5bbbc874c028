#include "cli/media_opening.h"

#include <algorithm>
#include <stop_token>
#include <utility>

#include "cli/opening_threads.h"
#include "demux/libav/libav_source.h"

namespace mayfly {
namespace {

using Opened = Result<std::unique_ptr<MediaSource>>;

Opened open_media(const MediaLocation& location, const std::stop_token& stop) {
  ASSIGN_OR_RETURN(auto source, LibavSource::open(location.place, {.stop = stop}));
  if (!has_video(source->tracks())) return failure(no_video(location.place));
  return std::unique_ptr<MediaSource>(std::move(source));
}

}  // namespace

bool has_video(const std::vector<Track>& tracks) {
  return std::ranges::any_of(tracks,
                             [](const Track& each) { return each.kind == TrackKind::Video; });
}

Error no_video(const std::string& place) {
  return {
      ErrorCode::Unsupported,
      place + ": has no video track; mayfly streams clips with pictures, with or without sound"};
}

MediaOpener media_opener() {
  return [](const MediaLocation& location) { return open_media(location, {}); };
}

AsyncMediaOpener async_media_opener(Executor& loop) {
  return [threads = std::make_shared<OpeningThreads>(loop)](
             const MediaLocation& location, std::stop_token unwanted, MediaOpening done) {
    threads->open([location](const std::stop_token& stop) { return open_media(location, stop); },
                  std::move(unwanted), std::move(done));
  };
}

TsSession::Opener ts_opener(Executor& loop, const std::string& name) {
  return [threads = std::make_shared<OpeningThreads>(loop), name](std::shared_ptr<BytePipe> pipe,
                                                                  TsSession::Opened done) {
    // The pipe's own cancel() stops it.
    threads->open(
        [name, pipe = std::move(pipe)](const std::stop_token&) -> Opened {
          ASSIGN_OR_RETURN(auto source, LibavSource::open(name, pipe, "mpegts"));
          return std::unique_ptr<MediaSource>(std::move(source));
        },
        {}, std::move(done));
  };
}

}  // namespace mayfly
