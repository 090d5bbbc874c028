#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/clip_catalogue.h"
#include "server/session.h"
#include "server/ts_feed.h"
#include "transport/transport.h"

namespace mayfly {

// What the operator may want to read in a log.
class TsServerObserver {
 public:
  virtual ~TsServerObserver() = default;
  virtual void on_reader_joined(const TsFeedStats& reader) = 0;
  virtual void on_feed_started(const TsFeedStats& reader) = 0;
  // `why.code` is Closed when it was in good order.
  virtual void on_reader_left(const TsFeedStats& reader, const Error& why) = 0;
  virtual void on_reader_turned_away(const std::string& peer, const Error& why) = 0;
};

struct TsServerOptions {
  TsFeedOptions feed;
  size_t most_readers = 256;
};

// The clip of a catalogue that a port sends: the one that is named, or without a name the only one.
// Fails with what there is; and with Unsupported when MPEG-TS does not hold what is in it, as far
// as that is known before it is opened.
[[nodiscard]] Result<Clip> ts_clip(const ClipCatalogue& catalogue, const std::string& name);

// Sends clips as MPEG-TS over SCTP to readers that know nothing of mayfly: whoever connects to a
// port gets its clip, from the start and at its pace.
class TsServer final : private TsFeed::Observer {
 public:
  struct Port {
    std::unique_ptr<Listener> listener;
    Clip clip;
  };

  // Listens from now on. Clock, timers and observer must outlive the server.
  TsServer(std::vector<Port> ports, AsyncMediaOpener open, const Clock& clock, TimerFactory& timers,
           TsServerObserver& observer, const TsServerOptions& options = {});
  // Whoever is still connected is aborted.
  ~TsServer() override;
  TsServer(const TsServer&) = delete;
  TsServer& operator=(const TsServer&) = delete;

  // Shuts every reader's association down and lets nobody in any more. `done` is called from the
  // loop once all have left, which the feeds' goodbye limit bounds; asking again hurries. The
  // server may be destroyed from there.
  void shut_down(const std::string& reason, std::function<void()> done);

  [[nodiscard]] std::vector<TsFeedStats> readers() const;  // by id
  [[nodiscard]] size_t reader_count() const { return feeds_.size(); }

 private:
  void accept(const Clip& clip, std::unique_ptr<Association> association);

  void on_started(const TsFeed& feed) override;
  void on_ended(const TsFeed& feed, const Error& why) override;
  void bury();
  void finish();

  std::vector<Port> ports_;
  const AsyncMediaOpener open_;
  const Clock& clock_;
  TimerFactory& timers_;
  TsServerObserver& observer_;
  const TsServerOptions options_;
  uint64_t next_id_ = 1;
  std::map<uint64_t, std::unique_ptr<TsFeed>> feeds_;
  std::vector<std::unique_ptr<TsFeed>> dead_;
  std::unique_ptr<Timer> burial_timer_;
  std::function<void()> done_;
  bool is_going_down_ = false;
  std::shared_ptr<bool> alive_;  // openings may answer after the server is gone
};

}  // namespace mayfly
