#include <gmock/gmock.h>

#include "tests/server/served_world.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using wire::Epoch;
using wire::SenderFate;

// The position in the clip of the first picture received.
uint32_t first_picture(ServedPlayer& player, Epoch epoch) {
  const auto& frames = player.frames(epoch);
  const auto found = frames.find({TrackId(0), FrameNumber(0)});
  if (found == frames.end()) return ~0U;
  return SyntheticSource::genuine_position(1, TrackId(0), found->second.bytes).value_or(~0U);
}

TEST(SessionTest, PlaysAClipFromItsFirstFrameToItsLast) {
  ServedWorld world({}, {{"clip.syn", {.pictures = 100, .with_audio = true}}});
  ServedPlayer& player = world.join_and_greet();

  player.play("/clip", 500ms);
  world.run_for(6s);

  const auto playing = player.heard<wire::Playing>();
  ASSERT_THAT(playing, SizeIs(1));
  EXPECT_EQ(playing[0].clip, "clip.syn");
  EXPECT_EQ(playing[0].playout_delay, 500ms);
  EXPECT_EQ(playing[0].policy, "prioritised");
  const auto end = player.heard<wire::EndOfClip>();
  ASSERT_THAT(end, SizeIs(1));
  EXPECT_THAT(end[0].frames,
              ::testing::ElementsAre(std::pair(TrackId(0), 100U), std::pair(TrackId(1), 200U)));
  EXPECT_THAT(player.frames(Epoch(0)), SizeIs(300));
  EXPECT_THAT(player.fates(Epoch(0)), SizeIs(300));
  for (const auto& [key, frame] : player.frames(Epoch(0))) {
    ASSERT_TRUE(frame.is_whole());
    EXPECT_TRUE(SyntheticSource::genuine_position(1, key.first, frame.bytes));
  }
  for (const auto& [key, fate] : player.fates(Epoch(0))) EXPECT_EQ(fate.fate, SenderFate::Sent);
}

TEST(SessionTest, GrantsADelayWithinItsLimitsAndTheUsualOneToWhoAsksForNone) {
  ServerOptions options;
  options.session.usual_playout_delay = 300ms;
  options.session.shortest_playout_delay = 100ms;
  options.session.longest_playout_delay = 1s;
  ServedWorld world(options);
  ServedPlayer& player = world.join_and_greet();

  for (const Duration asked : {Duration(0s), Duration(5ms), Duration(700ms), Duration(20s)}) {
    player.play("clip", asked);
    world.run_for(200ms);
  }

  std::vector<Duration> granted;
  for (const wire::Playing& each : player.heard<wire::Playing>()) {
    granted.push_back(each.playout_delay);
  }
  EXPECT_THAT(granted, ::testing::ElementsAre(300ms, 100ms, 700ms, 1s));
}

TEST(SessionTest, SendsEachFrameAtItsDecodeTime) {
  ServedWorld world;
  ServedPlayer& player = world.join_and_greet();

  player.play("clip");
  world.run_for(5s);

  const auto playing = player.last<wire::Playing>();
  for (const auto& [key, frame] : player.frames(playing.epoch)) {
    const Duration due = playing.started_at + (frame.description.dts - playing.first_dts);
    EXPECT_EQ(frame.description.sent_at, due);
  }
  EXPECT_GE(player.frames(playing.epoch).size(), 100U);
}

TEST(SessionTest, SeekLandsOnTheIFrameBefore) {
  ServedWorld world({}, {{"clip.syn", {.frame_rate = {10, 1}, .pattern = "IPPPP"}}});
  ServedPlayer& player = world.join_and_greet();
  player.play("clip");
  world.run_for(1s);

  player.say(wire::Seek{MediaTime(7'300ms)});
  world.run_for(1s);

  const auto playing = player.heard<wire::Playing>();
  ASSERT_THAT(playing, SizeIs(2));
  EXPECT_EQ(playing[1].epoch, Epoch(1));
  EXPECT_EQ(playing[1].position, MediaTime(7s));
  EXPECT_EQ(first_picture(player, Epoch(1)), 70U);
}

TEST(SessionTest, PlayCanStartInTheMiddle) {
  ServedWorld world({}, {{"clip.syn", {.frame_rate = {10, 1}, .pattern = "IPPPP"}}});
  ServedPlayer& player = world.join_and_greet();

  player.play("clip", 500ms, MediaTime(3s));
  world.run_for(1s);

  EXPECT_EQ(first_picture(player, Epoch(0)), 30U);
}

TEST(SessionTest, PauseHoldsPacingAndMovesWhatComesAfter) {
  ServedWorld world;
  ServedPlayer& player = world.join_and_greet();
  player.play("clip");
  world.run_for(1s);

  player.say(wire::Pause{});
  world.run_for(100ms);
  const size_t before = player.frames(Epoch(0)).size();
  world.run_for(10s);
  EXPECT_EQ(player.frames(Epoch(0)).size(), before);

  player.say(wire::Resume{});
  world.run_for(1s);
  const auto paused = player.heard<wire::Paused>();
  const auto resumed = player.heard<wire::Resumed>();
  ASSERT_THAT(paused, SizeIs(1));
  ASSERT_THAT(resumed, SizeIs(1));
  const auto playing = player.last<wire::Playing>();
  const Duration stood = resumed[0].at - paused[0].at;
  EXPECT_GE(stood, 10s);
  const auto& last = std::prev(player.frames(Epoch(0)).end())->second;
  EXPECT_EQ(last.description.sent_at,
            playing.started_at + (last.description.dts - playing.first_dts) + stood);
}

TEST(SessionTest, SeekWhilePausedStaysPaused) {
  ServedWorld world;
  ServedPlayer& player = world.join_and_greet();
  player.play("clip");
  world.run_for(1s);
  player.say(wire::Pause{});
  world.run_for(1s);

  player.say(wire::Seek{MediaTime(4s)});
  world.run_for(5s);
  EXPECT_THAT(player.heard<wire::Playing>(), SizeIs(2));
  EXPECT_EQ(player.last<wire::Paused>().epoch, Epoch(1));
  EXPECT_THAT(player.frames(Epoch(1)), SizeIs(0));

  player.say(wire::Resume{});
  world.run_for(1s);
  EXPECT_GT(player.frames(Epoch(1)).size(), 20U);
}

TEST(SessionTest, LoopBeginsEachTurnWhereTheLastOneEnds) {
  ServedWorld world({}, {{"clip.syn", {.pictures = 50}}});
  ServedPlayer& player = world.join_and_greet();

  player.play("clip", 500ms, {}, true);
  world.run_for(9s);

  const auto playing = player.heard<wire::Playing>();
  ASSERT_THAT(playing, SizeIs(5));
  for (size_t turn = 1; turn < playing.size(); ++turn) {
    EXPECT_EQ(playing[turn].started_at - playing[turn - 1].started_at, 2s);
    EXPECT_EQ(playing[turn].position, playing[0].position);
  }
  for (uint8_t turn = 0; turn < 4; ++turn) {
    EXPECT_THAT(player.frames(Epoch(turn)), SizeIs(50));
    EXPECT_THAT(player.fates(Epoch(turn)), SizeIs(50));
  }
  EXPECT_THAT(player.heard<wire::EndOfClip>(), SizeIs(0));
}

TEST(SessionTest, StopEndsTheClipAndAnotherMayFollow) {
  ServedWorld world;
  ServedPlayer& player = world.join_and_greet();
  player.play("clip");
  world.run_for(1s);

  player.say(wire::Stop{});
  world.run_for(1s);
  ASSERT_THAT(player.heard<wire::EndOfClip>(), SizeIs(1));
  const auto counted = player.last<wire::EndOfClip>().frames;
  EXPECT_THAT(player.fates(Epoch(0)), SizeIs(counted[0].second));

  player.play("clip");
  world.run_for(1s);
  EXPECT_GT(player.frames(Epoch(1)).size(), 20U);
}

TEST(SessionTest, AnUnknownClipIsRefusedWithItsNameAndTheSessionGoesOn) {
  ServedWorld world;
  ServedPlayer& player = world.join_and_greet();

  player.play("../../etc/passwd");
  world.run_for(1s);
  ASSERT_THAT(player.heard<wire::Refused>(), SizeIs(1));
  EXPECT_EQ(player.last<wire::Refused>().code, ErrorCode::NotFound);
  EXPECT_THAT(player.last<wire::Refused>().message, HasSubstr("\"../../etc/passwd\""));

  player.play("clip");
  world.run_for(1s);
  EXPECT_GT(player.frames(Epoch(0)).size(), 20U);
}

TEST(SessionTest, AnotherVersionIsToldWhichOneIsSpoken) {
  ServedWorld world;
  ServedPlayer& player = world.join(7);
  world.run_for(2s);

  ASSERT_THAT(player.heard<wire::Bye>(), SizeIs(1));
  EXPECT_EQ(player.last<wire::Bye>().code, ErrorCode::Unsupported);
  EXPECT_THAT(player.last<wire::Bye>().reason, HasSubstr("version 7"));
  EXPECT_TRUE(player.closed());
  EXPECT_EQ(world.server().session_count(), 0U);
}

TEST(SessionTest, GarbageEndsTheSessionAfterABound) {
  ServedWorld world;
  ServedPlayer& noisy = world.join_and_greet();
  ServedPlayer& quiet = world.join_and_greet();
  quiet.play("clip");

  for (int i = 0; i < 4; ++i) noisy.say_bytes(Bytes(20, std::byte{0xff}));
  world.run_for(1s);
  EXPECT_THAT(noisy.heard<wire::Bye>(), SizeIs(0));
  noisy.say_bytes(Bytes(20, std::byte{0xff}));
  world.run_for(1s);

  ASSERT_THAT(noisy.heard<wire::Bye>(), SizeIs(1));
  EXPECT_EQ(noisy.last<wire::Bye>().code, ErrorCode::Malformed);
  EXPECT_TRUE(noisy.closed());
  world.run_for(10s);
  EXPECT_EQ(quiet.whole_frames(Epoch(0), FrameClass::P),
            quiet.fates(Epoch(0), FrameClass::P, SenderFate::Sent));
  EXPECT_THAT(quiet.heard<wire::EndOfClip>(), SizeIs(1));
}

TEST(SessionTest, SomebodyWhoDoesNotSayHelloIsShownOut) {
  ServedWorld world;
  ServedPlayer& rude = world.join();
  world.run_for(15ms);  // connected, Hello under way
  rude.association().set_observer(nullptr);
  auto silent = world.transport().connect({{IpEndpoint::loopback_v4(9899)}});
  world.run_for(4s);
  EXPECT_EQ(world.server().session_count(), 2U);

  world.run_for(8s);

  const auto& left = world.observer().left;
  ASSERT_FALSE(left.empty());
  EXPECT_THAT(left.front().second.message, HasSubstr("no hello within 10s"));
}

TEST(SessionTest, APolicyChangedInMidPlayHoldsFromTheNextFrame) {
  ServedWorld world;
  ServedPlayer& player = world.join_and_greet();
  player.play("clip");
  world.run_for(1s);

  player.say(wire::SetDelivery{FrameClass::B, "0 retransmissions"});
  world.run_for(1s);

  std::optional<wire::ClassDelivery> told;
  for (const auto& report : player.heard<wire::SenderReport>()) {
    for (const auto& each : report.delivery) {
      if (each.frame_class == FrameClass::B) told = each;
    }
  }
  ASSERT_TRUE(told);
  EXPECT_EQ(told->lifetime, "0 retransmissions");
  EXPECT_EQ(world.server().sessions().front().policy, "custom");

  player.say(wire::SetDelivery{FrameClass::B, "yesterday"});
  world.run_for(1s);
  ASSERT_THAT(player.heard<wire::Refused>(), SizeIs(1));
  EXPECT_THAT(player.last<wire::Refused>().message, HasSubstr("delivery.b.lifetime"));
}

TEST(SessionTest, APlayingThatCannotBeSentEndsTheSession) {
  LoopbackOptions network;
  network.max_message_bytes = 400;
  ServedWorld world({}, {{"clip." + std::string(500, 'x'), SyntheticShape{}}}, network);
  ServedPlayer& player = world.join_and_greet();

  player.play("clip");
  world.run_for(3s);

  EXPECT_EQ(world.server().session_count(), 0U);
  ASSERT_THAT(world.observer().left, SizeIs(1));
  EXPECT_EQ(world.observer().left[0].second.code, ErrorCode::InvalidArgument);
}

TEST(SessionTest, ReportsDoNotCountAsRequests) {
  ServedWorld world;
  ServedPlayer& player = world.join_and_greet();
  player.play("clip");
  world.run_for(1s);

  for (int i = 0; i < 100; ++i) {
    player.say(wire::ReceiverReport{});
    world.run_for(10ms);
  }

  EXPECT_EQ(world.server().session_count(), 1U);
}

}  // namespace
}  // namespace mayfly
