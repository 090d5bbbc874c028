#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "demux/synthetic_source.h"
#include "netsim/simulation.h"
#include "server/ts_server.h"
#include "tests/support/loopback_transport.h"

namespace mayfly {

// A clip that was never filmed, under the names of codecs that MPEG-TS holds: its muxer does not
// look into their frames.
class DressedSource final : public MediaSource {
 public:
  explicit DressedSource(const SyntheticShape& shape) : inner_(shape), tracks_(inner_.tracks()) {
    for (Track& each : tracks_) each.codec = each.kind == TrackKind::Video ? "mpeg2video" : "mp2";
  }
  [[nodiscard]] const std::vector<Track>& tracks() const override { return tracks_; }
  [[nodiscard]] std::optional<Duration> duration() const override { return inner_.duration(); }
  [[nodiscard]] Result<Reading> next() override { return inner_.next(); }
  [[nodiscard]] Result<void> seek(MediaTime position) override { return inner_.seek(position); }

 private:
  SyntheticSource inner_;
  std::vector<Track> tracks_;
};

// Reads like ffmpeg: takes what comes, in the order it comes, and says nothing.
class TsReader final : public Association::Observer {
 public:
  TsReader(Simulation& simulation, Transport& transport, const TransportAddress& server)
      : simulation_(simulation), association_(std::move(*transport.connect(server))) {
    association_->set_observer(this);
  }
  ~TsReader() override { association_->set_observer(nullptr); }

  void say(Message message) { static_cast<void>(association_->send(std::move(message), {})); }
  void leave() { association_->shutdown(); }

  Bytes stream;
  std::vector<std::pair<Timestamp, Message>> messages;
  std::optional<Error> closed;

 private:
  void on_connected() override {}
  void on_message(Message message) override {
    stream.insert(stream.end(), message.payload.begin(), message.payload.end());
    messages.emplace_back(simulation_.now(), std::move(message));
  }
  void on_message_abandoned(MessageId, Abandonment) override {}
  void on_send_buffer_low() override {}
  void on_closed(const Error& reason) override { closed = reason; }

  Simulation& simulation_;
  std::unique_ptr<Association> association_;
};

struct RecordingTsObserver final : TsServerObserver {
  void on_reader_joined(const TsFeedStats&) override { ++joined; }
  void on_feed_started(const TsFeedStats&) override { ++started; }
  void on_reader_left(const TsFeedStats& reader, const Error& why) override {
    left.emplace_back(reader, why);
  }
  void on_reader_turned_away(const std::string&, const Error& why) override {
    turned_away.push_back(why);
  }

  size_t joined = 0;
  size_t started = 0;
  std::vector<std::pair<TsFeedStats, Error>> left;
  std::vector<Error> turned_away;
};

// A server of MPEG-TS on virtual time, with one clip, and readers of its own.
class TsWorld {
 public:
  explicit TsWorld(const TsServerOptions& options = {}, const SyntheticShape& shape = {},
                   const LoopbackOptions& network = {})
      : shape_(shape), transport_(simulation_, network) {
    const DressedSource source(shape);
    std::vector<TsServer::Port> ports;
    ports.push_back({std::move(*transport_.listen(address_)),
                     Clip{"clip.syn", {"clip.syn", false}, source.duration(), source.tracks()}});
    server_ = std::make_unique<TsServer>(
        std::move(ports), opening_at_once([this](const MediaLocation&) {
          return Result<std::unique_ptr<MediaSource>>(std::make_unique<DressedSource>(shape_));
        }),
        simulation_, simulation_, observer, options);
  }

  [[nodiscard]] TsReader& join() {
    readers_.push_back(std::make_unique<TsReader>(simulation_, transport_, address_));
    return *readers_.back();
  }
  // The whole clip as a muxer makes it.
  [[nodiscard]] Bytes muxed() const {
    DressedSource source(shape_);
    const auto muxer = TsMuxer::create(source.tracks());
    FrameLookahead lookahead;
    Bytes all;
    for (bool more = true; more || !lookahead.empty();) {
      while (more && lookahead.wants_more()) {
        auto reading = source.next();
        more = std::holds_alternative<Frame>(*reading);
        if (more) lookahead.add(std::get<Frame>(std::move(*reading)));
      }
      if (lookahead.empty()) break;
      const Bytes packets = (*muxer)->mux(lookahead.take()).value();
      all.insert(all.end(), packets.begin(), packets.end());
    }
    return all;
  }

  void run_for(Duration duration) { simulation_.run_for(duration); }
  [[nodiscard]] Simulation& simulation() { return simulation_; }
  [[nodiscard]] LoopbackTransport& transport() { return transport_; }
  [[nodiscard]] TsServer& server() { return *server_; }

  RecordingTsObserver observer;

 private:
  const SyntheticShape shape_;
  const TransportAddress address_{{IpEndpoint::loopback_v4(9000)}};
  Simulation simulation_;
  LoopbackTransport transport_;
  std::unique_ptr<TsServer> server_;
  std::vector<std::unique_ptr<TsReader>> readers_;
};

}  // namespace mayfly
