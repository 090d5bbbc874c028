// The server and the player of this project, each with all its parts, over a loopback.

#include <gmock/gmock.h>

#include "client/client_session.h"
#include "client/counting_sink.h"
#include "tests/server/served_world.h"

namespace mayfly {
namespace {

class RealPlayer final : public ClientSession::Observer {
 public:
  RealPlayer(ServedWorld& world, const PlayRequest& request)
      : session_(std::move(*world.transport().connect({{IpEndpoint::loopback_v4(9899)}})),
                 world.simulation(), world.simulation(), sink_, *this) {
    session_.play(request);
  }

  void on_finished(const Result<void>& how) override { finished_ = how; }
  void on_refused(const Error& why) override { refused_.push_back(why); }
  void on_playing(const wire::Playing&) override { ++playouts_; }

  [[nodiscard]] ClientSession& session() { return session_; }
  [[nodiscard]] const CountingSink& sink() const { return sink_; }
  [[nodiscard]] const std::optional<Result<void>>& finished() const { return finished_; }
  [[nodiscard]] size_t playouts() const { return playouts_; }
  [[nodiscard]] const std::vector<Error>& refused() const { return refused_; }

 private:
  CountingSink sink_;
  std::optional<Result<void>> finished_;
  std::vector<Error> refused_;
  size_t playouts_ = 0;
  ClientSession session_;
};

uint64_t sum(const ClassFates& fates) {
  return fates.on_time + fates.late + fates.abandoned_unsent + fates.abandoned_sent + fates.lost +
         fates.undecodable;
}

TEST(RealPlayerTest, ShowsEveryFrameOfAClipOverAGoodLine) {
  ServedWorld world({}, {{"clip.syn", {.pictures = 100, .with_audio = true}}});
  RealPlayer player(world, {.clip = "clip"});
  world.run_for(8s);

  ASSERT_TRUE(player.finished());
  EXPECT_TRUE(*player.finished()) << player.finished()->error().message;
  EXPECT_EQ(player.sink().frames(), 300U);
  const PlaybackStats stats = player.session().stats();
  EXPECT_TRUE(stats.complete);
  EXPECT_EQ(stats.q(), 1.0);
  EXPECT_EQ(world.server().session_count(), 0U);
}

TEST(RealPlayerTest, EveryFrameDueIsInExactlyOneStateUnderEveryPolicy) {
  for (const std::string& name : policy_names()) {
    SCOPED_TRACE(name);
    ServerOptions options;
    options.session.policy = *named_policy(name);
    LoopbackOptions network;
    network.to_client.rate = DataRate::bits_per_second(1'200'000);
    network.to_client.loss = 0.05;
    ServedWorld world(options, {{"clip.syn", {}}}, network);
    RealPlayer player(world, {.clip = "clip", .playout_delay = 300ms});
    world.run_for(40s);

    ASSERT_TRUE(player.finished());
    const PlaybackStats stats = player.session().stats();
    uint64_t sent = 0;
    for (const FrameClass each : kFrameClasses) {
      EXPECT_EQ(sum(stats.of(each)), stats.of(each).sent) << to_string(each);
      sent += stats.of(each).sent;
    }
    EXPECT_EQ(sent, 250U);
  }
}

TEST(RealPlayerTest, PausesResumesSeeksAndStops) {
  ServedWorld world;
  RealPlayer player(world, {.clip = "clip"});
  world.run_for(2s);

  player.session().pause();
  world.run_for(3s);
  EXPECT_EQ(player.session().state(), ClientSession::State::Paused);
  const uint64_t shown = player.sink().frames();
  world.run_for(3s);
  EXPECT_EQ(player.sink().frames(), shown);

  player.session().resume();
  world.run_for(1s);
  EXPECT_EQ(player.session().state(), ClientSession::State::Playing);
  EXPECT_GT(player.sink().frames(), shown + 20);

  player.session().seek(MediaTime(8s));
  world.run_for(1s);
  EXPECT_EQ(player.playouts(), 2U);
  player.session().set_delivery(FrameClass::B, "50ms");
  world.run_for(500ms);
  EXPECT_EQ(player.session().playing()->delivery[index_of(FrameClass::B)].lifetime, "50ms");

  player.session().stop();
  world.run_for(3s);
  ASSERT_TRUE(player.finished());
  EXPECT_TRUE(*player.finished());
  EXPECT_TRUE(player.refused().empty());
  const PlaybackStats stats = player.session().stats();
  for (const FrameClass each : kFrameClasses) {
    EXPECT_EQ(sum(stats.of(each)), stats.of(each).sent) << to_string(each);
  }
}

TEST(RealPlayerTest, LoopsWithoutAFreeze) {
  ServedWorld world({}, {{"clip.syn", {.pictures = 50}}});
  RealPlayer player(world, {.clip = "clip", .loop = true});
  world.run_for(10s);

  EXPECT_GE(player.playouts(), 4U);
  EXPECT_EQ(player.session().stats().freezes.count, 0U);
  EXPECT_GT(player.sink().frames(), 220U);
}

TEST(RealPlayerTest, IsToldOfAnUnknownClipAndOfAServerThatGoesDown) {
  ServedWorld world;
  RealPlayer lost(world, {.clip = "no such clip"});
  RealPlayer player(world, {.clip = "clip"});
  world.run_for(2s);
  ASSERT_TRUE(lost.finished());
  ASSERT_FALSE(*lost.finished());
  EXPECT_THAT(lost.finished()->error().message, ::testing::HasSubstr("no such clip"));

  world.server().shut_down("maintenance at noon", [] {});
  world.run_for(5s);

  ASSERT_TRUE(player.finished());
  ASSERT_FALSE(*player.finished());
  EXPECT_THAT(player.finished()->error().message, ::testing::HasSubstr("maintenance at noon"));
}

}  // namespace
}  // namespace mayfly
