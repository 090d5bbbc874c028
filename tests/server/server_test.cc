#include "server/server.h"

#include <gmock/gmock.h>

#include "tests/server/served_world.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using wire::Epoch;

// The largest shift between when a frame was due and when it left, in one epoch.
Duration worst_pacing(ServedPlayer& player, Epoch epoch) {
  Duration worst{};
  const auto playing = player.last<wire::Playing>();
  for (const auto& [key, frame] : player.frames(epoch)) {
    const Duration due = playing.started_at + (frame.description.dts - playing.first_dts);
    worst = std::max(worst, frame.description.sent_at - due);
  }
  return worst;
}

TEST(ServerTest, ServesManyPlayersEachAtItsOwnPosition) {
  ServedWorld world({}, {{"one.syn", {.pattern = "IPPPP", .pictures = 500}},
                         {"two.syn", {.pattern = "IPPPP", .pictures = 500, .with_audio = true}}});
  std::vector<ServedPlayer*> players;
  for (int i = 0; i < 20; ++i) {
    players.push_back(&world.join_and_greet());
    players.back()->play(i % 2 == 0 ? "one" : "two", 300ms, MediaTime(i * 500ms));
    world.run_for(70ms);
  }
  world.run_for(5s);

  EXPECT_EQ(world.server().session_count(), 20U);
  EXPECT_EQ(world.observer().joined, 20U);
  for (int i = 0; i < 20; ++i) {
    const auto playing = players[static_cast<size_t>(i)]->last<wire::Playing>();
    const Duration asked = i * 500ms;
    EXPECT_LE(playing.position, MediaTime(asked));
    EXPECT_GT(playing.position, MediaTime(asked - 200ms));
    EXPECT_EQ(worst_pacing(*players[static_cast<size_t>(i)], Epoch(0)), 0ms);
    EXPECT_GT(players[static_cast<size_t>(i)]->frames(Epoch(0)).size(), 120U);
  }
}

TEST(ServerTest, AVanishedOrStalledPlayerCostsTheOthersNothing) {
  ServerOptions options;
  options.session.stall_limit = 5s;
  options.session.silence_limit = 8s;
  ServedWorld world(options, {{"clip.syn", {.pictures = 1000}}});
  ServedPlayer& good = world.join_and_greet();
  good.play("clip");
  ServedPlayer& vanished = world.join_and_greet();
  const auto vanished_controls = world.transport().last_client();
  vanished.play("clip");
  ServedPlayer& stalled = world.join_and_greet();
  const auto stalled_controls = world.transport().last_client();
  stalled.play("clip");
  world.run_for(2s);

  vanished_controls->vanish();
  stalled_controls->set_reading(false);
  stalled.set_reporting(false);
  world.run_for(20s);

  EXPECT_EQ(world.server().session_count(), 1U);
  ASSERT_THAT(world.observer().left, SizeIs(2));
  for (const auto& [player, why] : world.observer().left) {
    EXPECT_EQ(why.code, ErrorCode::Timeout);
    EXPECT_THAT(why.message, HasSubstr("nothing was heard from the player for 8s"));
  }
  EXPECT_EQ(worst_pacing(good, Epoch(0)), 0ms);
  EXPECT_GT(good.frames(Epoch(0)).size(), 500U);
}

TEST(ServerTest, APlayerThatTalksButDoesNotReadIsEndedUnderAReliablePolicyToo) {
  ServerOptions options;
  options.session.policy = all_reliable();
  options.session.stall_limit = 5s;
  LoopbackOptions network;
  network.send_queue_bytes = 1 << 20;
  ServedWorld world(options, {{"clip.syn", {.pictures = 1000}}}, network);
  ServedPlayer& player = world.join_and_greet();
  player.play("clip");
  world.run_for(1s);

  world.transport().last_client()->set_reading(false);
  world.run_for(20s);

  EXPECT_EQ(world.server().session_count(), 0U);
  ASSERT_THAT(world.observer().left, SizeIs(1));
  EXPECT_THAT(world.observer().left[0].second.message, HasSubstr("took in nothing for 5s"));
}

TEST(ServerTest, APlayerOnASlowLinkIsNoPlayerThatDoesNotRead) {
  ServerOptions options;
  options.session.policy = all_reliable();
  options.session.stall_limit = 5s;
  LoopbackOptions network;
  network.send_queue_bytes = 1 << 20;
  network.to_client.rate = DataRate::bits_per_second(700'000);  // half of the clip's
  ServedWorld world(options, {{"clip.syn", {.pictures = 3000}}}, network);
  ServedPlayer& player = world.join_and_greet();
  player.play("clip");

  world.run_for(100s);

  EXPECT_THAT(world.observer().left, IsEmpty());
  EXPECT_EQ(world.server().session_count(), 1U);
}

TEST(ServerTest, TurnsAwayWhoeverComesWhenItIsFull) {
  ServerOptions options;
  options.most_sessions = 2;
  ServedWorld world(options);
  static_cast<void>(world.join_and_greet());
  ServedPlayer& second = world.join_and_greet();

  ServedPlayer& third = world.join_and_greet();
  world.run_for(1s);

  ASSERT_THAT(third.heard<wire::Bye>(), SizeIs(1));
  EXPECT_EQ(third.last<wire::Bye>().code, ErrorCode::Exhausted);
  EXPECT_THAT(third.last<wire::Bye>().reason, HasSubstr("full"));
  EXPECT_TRUE(third.closed());
  EXPECT_THAT(world.observer().turned_away, SizeIs(1));
  EXPECT_EQ(world.server().session_count(), 2U);

  second.leave();
  world.run_for(1s);
  ServedPlayer& fourth = world.join_and_greet();
  EXPECT_THAT(fourth.heard<wire::Welcome>(), SizeIs(1));
}

TEST(ServerTest, SaysGoodbyeToAllWhenItGoesDown) {
  ServedWorld world;
  ServedPlayer& idle = world.join_and_greet();
  ServedPlayer& playing = world.join_and_greet();
  playing.play("clip");
  world.run_for(1s);

  bool done = false;
  world.server().shut_down("the server is going down", [&] { done = true; });
  EXPECT_FALSE(done) << "called back from inside";
  world.run_for(1s);

  EXPECT_TRUE(done);
  for (ServedPlayer* each : {&idle, &playing}) {
    ASSERT_THAT(each->heard<wire::Bye>(), SizeIs(1));
    EXPECT_EQ(each->last<wire::Bye>().code, ErrorCode::Closed);
    EXPECT_EQ(each->last<wire::Bye>().reason, "the server is going down");
    ASSERT_TRUE(each->closed());
    EXPECT_EQ(each->closed()->code, ErrorCode::Closed);
  }
}

TEST(ServerTest, DoesNotWaitForeverForPlayersThatDoNotAnswer) {
  ServedWorld world;
  static_cast<void>(world.join_and_greet());
  world.transport().last_client()->vanish();

  bool done = false;
  world.server().shut_down("bye", [&] {
    done = true;
    world.destroy_server();
  });
  world.run_for(4s);

  EXPECT_TRUE(done);
}

TEST(ServerTest, GoesDownAtOnceWithoutPlayersAndWhenAskedTwice) {
  ServedWorld empty;
  bool done = false;
  empty.server().shut_down("bye", [&] { done = true; });
  empty.run_for(1ms);
  EXPECT_TRUE(done);

  ServedWorld stubborn;
  static_cast<void>(stubborn.join_and_greet());
  stubborn.transport().last_client()->vanish();
  done = false;
  stubborn.server().shut_down("bye", [&] { done = true; });
  stubborn.server().shut_down("bye", [&] { done = true; });
  stubborn.run_for(1ms);
  EXPECT_TRUE(done);
}

TEST(ServerTest, IsDestroyedInTheMiddleOfEverything) {
  ServedWorld world({}, {{"clip.syn", {.with_audio = true}}});
  for (int i = 0; i < 5; ++i) world.join_and_greet().play("clip");
  world.run_for(1s);

  world.destroy_server();
  world.run_for(1s);

  SUCCEED() << "the sanitizers judge";
}

TEST(ServerTest, EndsWhoeverAsksForNothing) {
  ServerOptions options;
  options.session.idle_limit = 10s;
  ServedWorld world(options);
  ServedPlayer& idle = world.join_and_greet();
  world.run_for(9s);
  EXPECT_THAT(idle.heard<wire::Bye>(), IsEmpty());

  world.run_for(2s);

  ASSERT_THAT(idle.heard<wire::Bye>(), SizeIs(1));
  EXPECT_THAT(idle.last<wire::Bye>().reason, HasSubstr("no clip was asked for within 10s"));
}

TEST(ServerTest, ListsItsClips) {
  ServedWorld world({}, {{"a.syn", {}}, {"b.syn", {.with_audio = true}}});
  ServedPlayer& player = world.join_and_greet();

  player.say(wire::CatalogueRequest{});
  world.run_for(1s);

  const auto list = player.last<wire::Catalogue>();
  ASSERT_THAT(list.entries, SizeIs(2));
  EXPECT_TRUE(list.complete);
  EXPECT_EQ(list.entries[0].name, "a.syn");
  EXPECT_EQ(list.entries[0].duration, 10s);
  EXPECT_THAT(list.entries[1].tracks, SizeIs(2));
}

TEST(ServerTest, ShowsTheOperatorWhatGoesOn) {
  ServedWorld world;
  ServedPlayer& player = world.join_and_greet();
  player.play("clip", 400ms);
  world.run_for(2s);

  const auto sessions = world.server().sessions();

  ASSERT_THAT(sessions, SizeIs(1));
  EXPECT_EQ(sessions[0].id, 1U);
  EXPECT_EQ(sessions[0].software, "served player");
  EXPECT_EQ(sessions[0].state, SessionState::Playing);
  EXPECT_EQ(sessions[0].clip, "clip.syn");
  EXPECT_EQ(sessions[0].playout_delay, 400ms);
  EXPECT_EQ(sessions[0].round_trip, 20ms);
  EXPECT_TRUE(sessions[0].report);
  uint64_t due = 0;
  for (const SenderClassStats& each : sessions[0].classes) {
    EXPECT_EQ(each.due, each.sent + each.abandoned_sent + each.abandoned_unsent);
    due += each.due;
  }
  EXPECT_NEAR(static_cast<double>(due), 50, 2);
  EXPECT_THAT(world.observer().playing, SizeIs(1));
}

TEST(ServerTest, AFloodOfRequestsEndsTheSession) {
  ServedWorld world;
  ServedPlayer& player = world.join_and_greet();
  player.play("clip");

  for (int i = 0; i < 200; ++i) player.say(wire::Seek{MediaTime(1s)});
  world.run_for(1s);

  ASSERT_THAT(player.heard<wire::Bye>(), SizeIs(1));
  EXPECT_THAT(player.last<wire::Bye>().reason, HasSubstr("requests in a second"));
}

}  // namespace
}  // namespace mayfly
