#include "cli/media_opening.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "demux/libav/libav_source.h"
#include "demux/read_ahead_source.h"

namespace mayfly {
namespace {

using Opened = Result<std::unique_ptr<MediaSource>>;

// Opens media on threads of their own: looking into a file may take as long as its disk takes.
// Waits for those under way when it is destroyed; their answers are not given any more.
class OpeningThreads {
 public:
  explicit OpeningThreads(Executor& loop) : loop_(loop) {}

  void open(std::function<Opened()> work, MediaOpening done) {
    std::erase_if(threads_, [](const Opening& each) { return each.is_over->load(); });
    auto is_over = std::make_shared<std::atomic<bool>>(false);
    threads_.push_back(
        {is_over, std::jthread([this, work = std::move(work), done = std::move(done), is_over] {
           answer(std::make_shared<Opened>(work()), done);
           *is_over = true;
         })});
  }

 private:
  struct Opening {
    std::shared_ptr<std::atomic<bool>> is_over;
    std::jthread thread;
  };

  // On the opening's thread. The work may run after this object is gone, so it holds none of it.
  void answer(std::shared_ptr<Opened> opened, const MediaOpening& done) {
    loop_.post([opened, done, &loop = loop_, alive = std::weak_ptr(alive_)] {
      if (alive.expired()) return;
      if (*opened) {
        *opened = std::make_unique<ReadAheadSource>(std::move(**opened), loop, ReadAheadOptions{});
      }
      done(std::move(*opened));
    });
  }

  Executor& loop_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::vector<Opening> threads_;  // joined first, as declared last
};

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
  return [](const MediaLocation& location) -> Opened {
    ASSIGN_OR_RETURN(auto source, LibavSource::open(location.place));
    if (!has_video(source->tracks())) return failure(no_video(location.place));
    return std::unique_ptr<MediaSource>(std::move(source));
  };
}

AsyncMediaOpener async_media_opener(Executor& loop) {
  return [threads = std::make_shared<OpeningThreads>(loop)](const MediaLocation& location,
                                                            MediaOpening done) {
    threads->open([location] { return media_opener()(location); }, std::move(done));
  };
}

TsSession::Opener ts_opener(Executor& loop, const std::string& name) {
  return [threads = std::make_shared<OpeningThreads>(loop), name](std::shared_ptr<BytePipe> pipe,
                                                                  TsSession::Opened done) {
    threads->open(
        [name, pipe = std::move(pipe)]() -> Opened {
          ASSIGN_OR_RETURN(auto source, LibavSource::open(name, pipe, "mpegts"));
          return std::unique_ptr<MediaSource>(std::move(source));
        },
        std::move(done));
  };
}

}  // namespace mayfly
