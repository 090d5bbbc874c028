// The real client and the real server, over a loopback on virtual time.
#include <gmock/gmock.h>

#include <memory>
#include <set>

#include "client/client_session.h"
#include "client/counting_sink.h"
#include "core/random.h"
#include "tests/client/recording_sink.h"
#include "tests/server/served_world.h"

namespace mayfly {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;

SyntheticShape shape(uint32_t pictures) {
  SyntheticShape shape;
  shape.pictures = pictures;
  shape.with_audio = true;
  return shape;
}

// A client in a served world.
class Player final : private ClientSession::Observer {
 public:
  explicit Player(ServedWorld& world)
      : sink(world.simulation()),
        session(std::move(*world.transport().connect({{IpEndpoint::loopback_v4(9899)}})),
                world.simulation(), world.simulation(), sink, *this) {}

  RecordingSink sink;
  ClientSession session;
  std::optional<Result<void>> finished;
  std::vector<wire::Playing> playings;
  std::vector<Error> refused;

  [[nodiscard]] std::string error() const {
    if (!finished) return "(not finished)";
    return *finished ? "(no error)" : finished->error().message;
  }
  [[nodiscard]] uint64_t sent() const { return total(&ClassFates::sent); }
  [[nodiscard]] uint64_t total(uint64_t ClassFates::*state) const {
    uint64_t sum = 0;
    for (const ClassFates& each : session.stats().classes) sum += each.*state;
    return sum;
  }
  void expect_states_to_sum() const {
    for (const ClassFates& each : session.stats().classes) {
      EXPECT_EQ(each.on_time + each.late + each.abandoned_unsent + each.abandoned_sent + each.lost +
                    each.undecodable,
                each.sent);
    }
  }

 private:
  void on_playing(const wire::Playing& playing) override { playings.push_back(playing); }
  void on_refused(const Error& why) override { refused.push_back(why); }
  void on_finished(const Result<void>& how) override { finished = how; }
};

uint64_t due_at_server(const SessionStats& stats) {
  uint64_t due = 0;
  for (const SenderClassStats& each : stats.classes) due += each.due;
  return due;
}

[[nodiscard]] bool run_to_end(ServedWorld& world, Player& player, Duration limit = 120s) {
  return world.simulation().run_until([&player] { return player.finished.has_value(); }, limit);
}

TEST(ServedSessionTest, EveryFrameIsPlayedWhenItIsDueOnAPerfectLink) {
  ServedWorld world({}, {{"clip.syn", shape(125)}});
  Player player(world);
  player.session.play({.clip = "clip"});

  ASSERT_TRUE(run_to_end(world, player));

  EXPECT_TRUE(*player.finished) << player.error();
  EXPECT_EQ(player.sink.frames.size(), 125u + 250u);
  EXPECT_THAT(player.sink.lateness, Each(Le(1ms)));
  EXPECT_EQ(player.sent(), 375u);
  EXPECT_DOUBLE_EQ(player.session.stats().q(), 1);
  EXPECT_TRUE(player.session.stats().complete);
  player.expect_states_to_sum();
}

TEST(ServedSessionTest, OnALossyLinkAllIFramesArriveByteForByteAndEveryFrameIsCounted) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    LoopbackOptions network;
    network.seed = seed;
    network.to_client = {.delay = 40ms, .rate = DataRate::bits_per_second(3'000'000), .loss = 0.05};
    network.to_server = {.delay = 40ms, .rate = {}, .loss = 0.05};
    ServedWorld world({}, {{"clip.syn", shape(250)}}, network);
    Player player(world);
    player.session.play({.clip = "clip.syn", .playout_delay = 400ms});

    ASSERT_TRUE(run_to_end(world, player));

    EXPECT_TRUE(*player.finished) << player.error();
    player.expect_states_to_sum();
    EXPECT_EQ(player.sent(), 250u + 500u);
    const ClassFates i = player.session.stats().of(FrameClass::I);
    EXPECT_EQ(i.abandoned_sent + i.abandoned_unsent + i.lost, 0u);
    for (const Frame& each : player.sink.frames) {
      ASSERT_TRUE(SyntheticSource::genuine_position(1, each.track, *each.payload));
    }
  }
}

TEST(ServedSessionTest, PauseSeekAndResumeInAnyOrderKeepTheBooks) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    LoopbackOptions network;
    network.seed = seed;
    const auto delay = Duration(static_cast<int64_t>(random.between(1, 120) * 1000));
    network.to_client = {.delay = delay, .rate = {}, .loss = 0.02};
    network.to_server = {.delay = delay, .rate = {}, .loss = 0.02};
    ServedWorld world({}, {{"clip.syn", shape(500)}}, network);
    Player player(world);
    player.session.play({.clip = "clip", .playout_delay = 600ms});
    world.run_for(2s);
    for (int i = 0; i < 12; ++i) {
      switch (random.between(0, 2)) {
        case 0: player.session.pause(); break;
        case 1: player.session.resume(); break;
        default: player.session.seek(MediaTime(std::chrono::seconds(random.between(0, 15))));
      }
      world.run_for(Duration(static_cast<int64_t>(random.between(0, 900'000))));
    }
    player.session.resume();
    const auto before = player.sink.frames.size();

    ASSERT_TRUE(run_to_end(world, player)) << to_string(player.session.state());

    EXPECT_TRUE(*player.finished) << player.error();
    EXPECT_GT(player.sink.frames.size(), before);
    player.expect_states_to_sum();
    world.run_for(5s);
    ASSERT_EQ(world.observer().left.size(), 1u);
    EXPECT_EQ(player.sent(), due_at_server(world.observer().left.front().first));
    // The network was good enough, and pausing is nobody's fault.
    EXPECT_GT(player.total(&ClassFates::on_time), player.sent() * 8 / 10);
    EXPECT_LT(player.total(&ClassFates::late), player.sent() / 20);
  }
}

TEST(ServedSessionTest, ALoopGoesOnWithoutAFreezeUntilItIsStopped) {
  ServedWorld world({}, {{"clip.syn", shape(50)}});
  Player player(world);
  player.session.play({.clip = "clip", .loop = true});
  world.run_for(21s);

  player.session.stop();
  ASSERT_TRUE(run_to_end(world, player));

  EXPECT_TRUE(*player.finished) << player.error();
  EXPECT_THAT(player.playings.size(), AllOf(Ge(10u), Le(12u)));
  EXPECT_THAT(player.sink.lateness, Each(Le(1ms)));
  EXPECT_EQ(player.session.stats().freezes.count, 0u);
  player.expect_states_to_sum();
  EXPECT_EQ(player.total(&ClassFates::lost), 0u);
  world.run_for(5s);
  EXPECT_EQ(player.sent(), due_at_server(world.observer().left.front().first));
}

TEST(ServedSessionTest, OfSeveralSeeksAtOnceTheLastCountsAndTheClipStillEnds) {
  ServedWorld world({}, {{"clip.syn", shape(250)}});
  Player player(world);
  player.session.play({.clip = "clip"});
  world.run_for(2s);

  for (const Duration at : {Duration(3s), Duration(4s), Duration(5s), Duration(8s)}) {
    player.session.seek(MediaTime(at));
  }
  ASSERT_TRUE(run_to_end(world, player));

  EXPECT_TRUE(*player.finished) << player.error();
  EXPECT_GT(player.playings.back().position, MediaTime(7s));
  EXPECT_LE(player.playings.back().position, MediaTime(8s));
  player.expect_states_to_sum();
}

TEST(ServedSessionTest, ALoopsNextTurnIsNoAnswerToASeek) {
  LoopbackOptions network;
  network.to_client.delay = network.to_server.delay = 100ms;
  ServedWorld world({}, {{"clip.syn", shape(50)}}, network);
  Player player(world);
  player.session.play({.clip = "clip", .loop = true});
  const auto announced = [&](size_t playings) {
    return world.simulation().run_until([&] { return player.playings.size() == playings; }, 10s);
  };
  ASSERT_TRUE(announced(1));
  world.run_for(1900ms);  // the next turn's Playing is under way

  player.session.seek(MediaTime(1s));
  ASSERT_TRUE(announced(2));
  const size_t before = player.sink.frames.size();
  world.run_for(90ms);
  EXPECT_GT(player.sink.frames.size(), before);  // the turn that plays goes on
  ASSERT_TRUE(announced(3));
  world.run_for(1ms);
  EXPECT_EQ(player.session.position(), player.playings.back().first_dts);
}

TEST(ServedSessionTest, AnUnknownClipIsRefusedInTheServersWords) {
  ServedWorld world;
  Player player(world);
  player.session.play({.clip = "other"});

  ASSERT_TRUE(run_to_end(world, player));

  EXPECT_EQ(player.finished->error().code, ErrorCode::NotFound);
  EXPECT_THAT(player.error(), HasSubstr("other"));
}

TEST(ServedSessionTest, AServerThatShutsDownSaysGoodbyeAndWhatCameIsPlayed) {
  ServedWorld world({}, {{"clip.syn", shape(500)}});
  Player player(world);
  player.session.play({.clip = "clip"});
  world.run_for(4s);
  const auto before = player.sink.frames.size();

  world.server().shut_down("the server is shutting down", [] {});
  ASSERT_TRUE(run_to_end(world, player));

  EXPECT_THAT(player.error(), HasSubstr("the server is shutting down"));
  EXPECT_GT(player.sink.frames.size(), before + 20);
  EXPECT_EQ(player.sink.finishes, 1);
  player.expect_states_to_sum();
}

TEST(ServedSessionTest, ADeliveryChangedInMidPlayIsReportedBack) {
  ServedWorld world({}, {{"clip.syn", shape(200)}});
  Player player(world);
  player.session.play({.clip = "clip"});
  world.run_for(2s);

  player.session.set_delivery(FrameClass::B, "33ms");
  player.session.set_delivery(FrameClass::B, "soon");
  world.run_for(1s);

  ASSERT_EQ(player.refused.size(), 1u);
  EXPECT_THAT(player.refused.front().message, HasSubstr("delivery.b.lifetime"));
  std::string lifetime;
  for (const auto& each : player.session.playing()->delivery) {
    if (each.frame_class == FrameClass::B) lifetime = each.lifetime;
  }
  EXPECT_EQ(lifetime, "33ms");
}

TEST(ServedSessionTest, TheCatalogueListsTheClips) {
  struct Listener final : ClientSession::Observer {
    void on_catalogue(const std::vector<wire::CatalogueEntry>& all) override { clips = all; }
    void on_finished(const Result<void>& how) override { finished = how.has_value(); }
    std::vector<wire::CatalogueEntry> clips;
    bool finished = false;
  } listener;
  ServedWorld world({}, {{"a.syn", shape(25)}, {"b.syn", shape(50)}});
  CountingSink sink;
  ClientSession session(std::move(*world.transport().connect({{IpEndpoint::loopback_v4(9899)}})),
                        world.simulation(), world.simulation(), sink, listener);
  session.list_clips();
  world.run_for(1s);
  session.stop();
  world.run_for(1s);

  ASSERT_EQ(listener.clips.size(), 2u);
  EXPECT_EQ(listener.clips[1].name, "b.syn");
  EXPECT_EQ(listener.clips[1].duration, 2s);
  EXPECT_TRUE(listener.finished);
}

}  // namespace
}  // namespace mayfly
