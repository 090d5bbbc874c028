#include "server/ts_server.h"

#include <fmt/format.h>

#include <utility>

namespace mayfly {

Result<Clip> ts_clip(const ClipCatalogue& catalogue, const std::string& name) {
  if (name.empty() && catalogue.clips().size() != 1) {
    const std::string example =
        catalogue.empty() ? std::string("clip.mp4") : catalogue.clips().begin()->first;
    return failure(ErrorCode::InvalidArgument,
                   fmt::format("{} clips are served, and an MPEG-TS port sends one: name it as in "
                               "sctp+ts://:9000/{}",
                               catalogue.clips().size(), example));
  }
  const Clip* clip = name.empty() ? &catalogue.clips().begin()->second : nullptr;
  if (clip == nullptr) {
    ASSIGN_OR_RETURN(clip, catalogue.find(name));
  }
  if (clip->tracks.empty()) return *clip;  // live: opened when somebody asks for it
  if (auto fits = TsMuxer::check(clip->tracks); !fits) return failure(fits.error().in(clip->name));
  return *clip;
}

TsServer::TsServer(std::vector<Port> ports, AsyncMediaOpener open, const Clock& clock,
                   TimerFactory& timers, TsServerObserver& observer, const TsServerOptions& options)
    : ports_(std::move(ports)),
      open_(std::move(open)),
      clock_(clock),
      timers_(timers),
      observer_(observer),
      options_(options),
      burial_timer_(timers.create([this] { bury(); })),
      alive_(std::make_shared<bool>(true)) {
  for (Port& each : ports_) {
    each.listener->set_acceptor([this, clip = each.clip](std::unique_ptr<Association> association) {
      accept(clip, std::move(association));
    });
  }
}

TsServer::~TsServer() = default;

void TsServer::accept(const Clip& clip, std::unique_ptr<Association> association) {
  if (is_going_down_) return;  // dropping it aborts it
  if (feeds_.size() >= options_.most_readers) {
    observer_.on_reader_turned_away(
        association->peer(),
        {ErrorCode::Exhausted,
         fmt::format("{} readers are connected, and limits.sessions allows no more",
                     feeds_.size())});
    return;
  }
  const uint64_t id = next_id_++;
  // Not make_unique(), which may not see that we are an observer.
  std::unique_ptr<TsFeed> feed(
      new TsFeed(id, clip.name, std::move(association), clock_, timers_, options_.feed, *this));
  observer_.on_reader_joined(feed->stats());
  const std::stop_token unwanted = feed->unwanted();
  feeds_.emplace(id, std::move(feed));
  open_(clip.location, unwanted, [this, id, alive = std::weak_ptr(alive_)](auto source) {
    if (alive.expired()) return;
    const auto reader = feeds_.find(id);
    if (reader != feeds_.end()) reader->second->open(std::move(source));
  });
}

void TsServer::on_started(const TsFeed& feed) { observer_.on_feed_started(feed.stats()); }

void TsServer::on_ended(const TsFeed& feed, const Error& why) {
  auto ended = feeds_.extract(feed.id());
  if (ended.empty()) return;
  observer_.on_reader_left(feed.stats(), why);
  dead_.push_back(std::move(ended.mapped()));  // it calls us from inside itself
  burial_timer_->start(Duration::zero());
}

void TsServer::bury() {
  dead_.clear();
  if (is_going_down_ && feeds_.empty()) finish();
}

void TsServer::shut_down(const std::string& reason, std::function<void()> done) {
  done_ = std::move(done);
  if (std::exchange(is_going_down_, true)) {
    feeds_.clear();
  } else {
    ports_.clear();
    for (const auto& [id, feed] : feeds_) feed->end({ErrorCode::Closed, reason});
  }
  burial_timer_->start(Duration::zero());
}

void TsServer::finish() {
  // The server may be gone when it returns.
  if (const auto done = std::exchange(done_, nullptr)) done();
}

std::vector<TsFeedStats> TsServer::readers() const {
  std::vector<TsFeedStats> stats;
  for (const auto& [id, feed] : feeds_) stats.push_back(feed->stats());
  return stats;
}

}  // namespace mayfly
