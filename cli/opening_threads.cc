#include "cli/opening_threads.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "demux/read_ahead_source.h"

namespace mayfly {

OpeningThreads::OpeningThreads(Executor& loop, size_t most)
    : loop_(loop),
      most_(most),
      disposal_(std::make_shared<Disposal>()),
      alive_(std::make_shared<bool>(true)) {}

OpeningThreads::~OpeningThreads() {
  for (Opening& each : threads_) each.thread.request_stop();
}

void OpeningThreads::open(Work work, std::stop_token unwanted, MediaOpening done) {
  std::erase_if(threads_, [](const Opening& each) { return each.is_over->load(); });
  if (threads_.size() >= most_) {
    return answer(failure(ErrorCode::Exhausted,
                          fmt::format("{} clips are being opened, and no more can be at a time; "
                                      "try again",
                                      threads_.size())),
                  unwanted, done);
  }
  try {
    start(std::move(work), unwanted, done);
  } catch (const std::system_error& error) {
    answer(failure(ErrorCode::Exhausted, fmt::format("no thread to open it: {}", error.what())),
           unwanted, done);
  }
}

void OpeningThreads::start(Work work, std::stop_token unwanted, const MediaOpening& done) {
  auto is_over = std::make_shared<std::atomic<bool>>(false);
  std::jthread thread([this, work = std::move(work), unwanted = std::move(unwanted), done,
                       is_over](const std::stop_token& closing) {
    std::stop_source either;
    {
      const std::stop_callback by_user(unwanted, [&either] { either.request_stop(); });
      const std::stop_callback at_end(closing, [&either] { either.request_stop(); });
      answer(work(either.get_token()), unwanted, done);
    }
    *is_over = true;
  });
  threads_.push_back({std::move(is_over), std::move(thread)});
}

// On any thread. What is posted may run after this object is gone, so it holds none of it.
void OpeningThreads::answer(Result<std::unique_ptr<MediaSource>> opened,
                            const std::stop_token& unwanted, const MediaOpening& done) {
  auto shared = std::make_shared<Result<std::unique_ptr<MediaSource>>>(std::move(opened));
  loop_.post(
      [shared, unwanted, done, disposal = disposal_, &loop = loop_, alive = std::weak_ptr(alive_)] {
        if (alive.expired()) return;
        if (*shared && !unwanted.stop_requested()) {
          *shared = std::make_unique<ReadAheadSource>(std::move(**shared), loop,
                                                      ReadAheadOptions{.disposal = disposal});
        }
        done(std::move(*shared));
      });
}

}  // namespace mayfly
