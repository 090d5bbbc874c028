// What a policy is for: the same clip over the same bad line, sent one way and the other.

#include <gmock/gmock.h>

#include "tests/server/served_world.h"

namespace mayfly {
namespace {

using ::testing::SizeIs;
using wire::Epoch;
using wire::SenderFate;

// 25 pictures a second of "IPBBPBB": about 1.5 Mbit/s, of which .48 are I frames.
constexpr SyntheticShape kShape{};

ServerOptions with(const DeliveryPolicy& policy) {
  ServerOptions options;
  options.session.policy = policy;
  return options;
}

LoopbackOptions line(int64_t bits_per_second, double loss = 0, uint64_t seed = 1) {
  LoopbackOptions network;
  network.to_client.delay = network.to_server.delay = 20ms;
  network.to_client.rate = DataRate::bits_per_second(bits_per_second);
  network.to_client.loss = loss;
  network.seed = seed;
  return network;
}

struct Told {
  size_t sent = 0, abandoned_sent = 0, abandoned_unsent = 0;
  [[nodiscard]] size_t all() const { return sent + abandoned_sent + abandoned_unsent; }
};
Told told(const ServedPlayer& player, FrameClass frame_class) {
  return {player.fates(Epoch(0), frame_class, SenderFate::Sent),
          player.fates(Epoch(0), frame_class, SenderFate::AbandonedSent),
          player.fates(Epoch(0), frame_class, SenderFate::AbandonedUnsent)};
}

TEST(DeliveryStoryTest, PrioritisingKeepsEveryIFrameOnALineTooSlowForTheClip) {
  ServedWorld world(with(prioritised()), {{"clip.syn", kShape}}, line(1'000'000));
  ServedPlayer& player = world.join_and_greet();

  player.play("clip", 500ms);
  world.run_for(20s);

  ASSERT_THAT(player.heard<wire::EndOfClip>(), SizeIs(1));
  const size_t i_frames = told(player, FrameClass::I).all();
  EXPECT_EQ(i_frames, 36U);
  EXPECT_EQ(player.whole_frames(Epoch(0), FrameClass::I), i_frames);
  EXPECT_EQ(told(player, FrameClass::I).sent, i_frames);
  EXPECT_GT(told(player, FrameClass::B).abandoned_unsent, 10U);
  EXPECT_LE(player.longest_delay(Epoch(0)), 500ms);
  EXPECT_EQ(player.fates(Epoch(0)).size(), 250U);
}

TEST(DeliveryStoryTest, AllReliableDelaysOnTheSameLineButDropsNothing) {
  ServedWorld world(with(all_reliable()), {{"clip.syn", kShape}}, line(1'000'000));
  ServedPlayer& player = world.join_and_greet();

  player.play("clip", 500ms);
  world.run_for(30s);

  ASSERT_THAT(player.heard<wire::EndOfClip>(), SizeIs(1));
  size_t whole = 0;
  for (const FrameClass each : kFrameClasses) whole += player.whole_frames(Epoch(0), each);
  EXPECT_EQ(whole, 250U);
  EXPECT_EQ(player.fates(Epoch(0)).size(), 250U);
  EXPECT_GT(player.longest_delay(Epoch(0)), 3s);
}

TEST(DeliveryStoryTest, BackpressureHoldsAReliablePlayoutInsteadOfMemory) {
  LoopbackOptions network = line(1'000'000);
  network.send_queue_bytes = 300 << 10;
  network.send_queue_low_bytes = 50 << 10;
  ServedWorld world(with(all_reliable()), {{"clip.syn", kShape}}, network);
  ServedPlayer& player = world.join_and_greet();

  player.play("clip", 500ms);
  for (int i = 0; i < 80; ++i) {
    world.run_for(100ms);
    ASSERT_LE(world.server().sessions().front().buffered_bytes, (300U << 10) + (64U << 10) + 1200);
  }
  world.run_for(20s);

  size_t whole = 0;
  for (const FrameClass each : kFrameClasses) whole += player.whole_frames(Epoch(0), each);
  EXPECT_EQ(whole, 250U);
  EXPECT_THAT(player.heard<wire::EndOfClip>(), SizeIs(1));
}

TEST(DeliveryStoryTest, EveryFrameHasOneFateUnderEveryPolicyOnALossyLine) {
  for (const std::string& name : policy_names()) {
    for (const uint64_t seed : {1U, 2U, 3U}) {
      SCOPED_TRACE(name + ", seed " + std::to_string(seed));
      ServedWorld world(with(*named_policy(name)), {{"clip.syn", {.with_audio = true}}},
                        line(1'300'000, 0.05, seed));
      ServedPlayer& player = world.join_and_greet();

      player.play("clip", 300ms);
      world.run_for(30s);

      ASSERT_THAT(player.heard<wire::EndOfClip>(), SizeIs(1));
      size_t counted = 0;
      for (const auto& [track, count] : player.last<wire::EndOfClip>().frames) counted += count;
      EXPECT_EQ(counted, 750U);
      EXPECT_THAT(player.fates(Epoch(0)), SizeIs(counted));
      for (const auto& [key, fate] : player.fates(Epoch(0))) {
        const auto& frames = player.frames(Epoch(0));
        const auto found = frames.find(key);
        const bool is_whole = found != frames.end() && found->second.is_whole();
        if (fate.fate == SenderFate::Sent) {
          EXPECT_TRUE(is_whole) << key.second.value();
        }
        if (fate.fate == SenderFate::AbandonedUnsent) {
          EXPECT_TRUE(found == frames.end()) << key.second.value();
        }
      }
    }
  }
}

TEST(DeliveryStoryTest, IFramesSurviveLossThatCostsOthers) {
  for (const uint64_t seed : {1U, 2U, 3U}) {
    SCOPED_TRACE(seed);
    ServedWorld world(with(prioritised()), {{"clip.syn", kShape}}, line(4'000'000, 0.08, seed));
    ServedPlayer& player = world.join_and_greet();

    player.play("clip", 150ms);
    world.run_for(15s);

    EXPECT_EQ(player.whole_frames(Epoch(0), FrameClass::I), 36U);
    EXPECT_GT(told(player, FrameClass::B).abandoned_sent, 0U);
  }
}

TEST(DeliveryStoryTest, AJumpThrowsAwayWhatStillWaits) {
  ServedWorld world(with(all_reliable()), {{"clip.syn", kShape}}, line(500'000));
  ServedPlayer& player = world.join_and_greet();
  player.play("clip", 500ms);
  world.run_for(5s);

  player.say(wire::Seek{MediaTime(2s)});
  world.run_for(2s);

  // A window of 64 KiB, already sent, takes one second; the queue would have taken nine.
  EXPECT_GT(player.frames(Epoch(1)).size(), 0U);
  size_t fates = 0;
  for (const FrameClass each : kFrameClasses) {
    fates += told(player, each).all();
    EXPECT_EQ(told(player, each).abandoned_sent + told(player, each).sent +
                  told(player, each).abandoned_unsent,
              told(player, each).all());
  }
  EXPECT_GT(told(player, FrameClass::P).abandoned_unsent, 5U);
  EXPECT_EQ(fates, player.fates(Epoch(0)).size());
}

}  // namespace
}  // namespace mayfly
