#include "client/playout_buffer.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "core/random.h"

namespace mayfly {
namespace {

using ::testing::ElementsAre;

constexpr Timestamp kStart{10s};
constexpr Duration kDelay = 200ms;
constexpr Duration kPicture = 40ms;

Frame frame(uint32_t number, std::vector<uint32_t> references = {}, uint8_t track = 0) {
  Frame made;
  made.track = TrackId(track);
  made.number = FrameNumber(number);
  made.dts = MediaTime(number * kPicture);
  made.duration = kPicture;
  made.payload = std::make_shared<Bytes>(100);
  made.pts = made.dts;
  for (const uint32_t each : references) made.references.emplace_back(each);
  return made;
}

// Each needs the one before, but for the first of every twelve.
Frame chained(uint32_t number) {
  return number % 12 == 0 ? frame(number) : frame(number, {number - 1});
}

Timestamp due(uint32_t number) { return kStart + kDelay + number * kPicture; }

class PlayoutBufferTest : public ::testing::Test {
 protected:
  void insert(const Frame& each, Timestamp arrival) { (void)buffer_.insert(each, arrival); }
  // Plays all that can be played at `now`.
  std::vector<uint32_t> played_at(Timestamp now) {
    std::vector<uint32_t> played;
    for (;;) {
      PlayoutStep step = buffer_.next(now);
      if (const auto* const wait = std::get_if<Wait>(&step)) {
        wait_ = wait->until;
        return played;
      }
      if (const auto* const play = std::get_if<Play>(&step)) {
        played.push_back(play->frame.number.value());
      } else {
        skips_.push_back(std::get<Skip>(step));
      }
    }
  }

  PlayoutTimeline timeline_{kStart, MediaTime{}, kDelay};
  PlayoutBuffer buffer_{{}, timeline_};
  std::vector<Skip> skips_;
  Timestamp wait_;
};

TEST_F(PlayoutBufferTest, WaitsForeverWhileItIsEmpty) {
  EXPECT_THAT(played_at(kStart), ElementsAre());
  EXPECT_EQ(wait_, Timestamp::max());
}

TEST_F(PlayoutBufferTest, PlaysFramesInOrderEachWhenItIsDue) {
  insert(frame(1, {0}), kStart);
  insert(frame(0), kStart);

  EXPECT_THAT(played_at(kStart), ElementsAre());
  EXPECT_EQ(wait_, due(0));
  EXPECT_THAT(played_at(due(0)), ElementsAre(0));
  EXPECT_EQ(wait_, due(1));
  EXPECT_THAT(played_at(due(1) - 1us), ElementsAre());
  EXPECT_THAT(played_at(due(1)), ElementsAre(1));
  EXPECT_TRUE(buffer_.is_empty());
}

TEST_F(PlayoutBufferTest, SkipsAMissingFrameWhenTheNextOneIsDueAndDoesNotNeedIt) {
  insert(frame(0), kStart);
  insert(frame(2, {0}), kStart);
  EXPECT_THAT(played_at(due(0)), ElementsAre(0));

  EXPECT_THAT(played_at(due(1)), ElementsAre());
  EXPECT_THAT(played_at(due(2)), ElementsAre(2));

  ASSERT_EQ(skips_.size(), 1u);
  EXPECT_EQ(skips_[0].first, FrameNumber(1));
  EXPECT_EQ(skips_[0].last, FrameNumber(1));
  EXPECT_FALSE(buffer_.insert(frame(1, {0}), due(2)));
}

TEST_F(PlayoutBufferTest, SkipsFramesWhoseReferenceNeverArrives) {
  for (uint32_t i = 0; i < 14; ++i) {
    if (i != 3) insert(chained(i), kStart);
  }

  std::vector<uint32_t> played;
  for (uint32_t i = 0; i < 14; ++i) {
    for (const uint32_t each : played_at(due(i))) played.push_back(each);
  }

  EXPECT_THAT(played, ElementsAre(0, 1, 2, 12, 13));
  ASSERT_EQ(skips_.size(), 1u);
  EXPECT_EQ(skips_[0].first, FrameNumber(3));
  EXPECT_EQ(skips_[0].last, FrameNumber(11));
  EXPECT_EQ(skips_[0].undecodable, 8u);
}

TEST_F(PlayoutBufferTest, ALateFrameRepairsTheChainForThoseThatNeedIt) {
  for (uint32_t i = 0; i < 9; ++i) {
    if (i != 3) insert(chained(i), kStart);
  }
  for (uint32_t i = 0; i < 5; ++i) (void)played_at(due(i));

  insert(chained(3), due(5));
  std::vector<Play> played;
  for (PlayoutStep step = buffer_.next(due(5)); !std::holds_alternative<Wait>(step);
       step = buffer_.next(due(5))) {
    played.push_back(std::get<Play>(std::move(step)));
  }

  ASSERT_EQ(played.size(), 3u);
  EXPECT_EQ(played[0].frame.number, FrameNumber(3));
  EXPECT_TRUE(played[0].catching_up);
  EXPECT_TRUE(played[1].catching_up);
  EXPECT_FALSE(played[2].catching_up);
  EXPECT_EQ(played[2].due, due(5));
  EXPECT_THAT(played_at(due(6)), ElementsAre(6));
}

TEST_F(PlayoutBufferTest, WithoutCatchingUpALateFrameIsNeverPlayed) {
  PlayoutBuffer strict({.catch_up = false}, timeline_);
  EXPECT_TRUE(strict.insert(frame(0), kStart));
  EXPECT_TRUE(strict.insert(frame(2, {1}), kStart));
  EXPECT_FALSE(strict.insert(frame(1, {0}), due(1) + 1us));

  EXPECT_TRUE(std::holds_alternative<Play>(strict.next(due(0))));
  EXPECT_TRUE(std::holds_alternative<Skip>(strict.next(due(2))));
  EXPECT_TRUE(std::holds_alternative<Skip>(strict.next(due(2))));
  EXPECT_TRUE(strict.is_empty());
}

TEST_F(PlayoutBufferTest, TracksDoNotWaitForEachOther) {
  insert(frame(0, {}, 0), kStart);
  insert(frame(2, {1}, 0), kStart);
  for (uint32_t i = 0; i < 4; ++i) insert(frame(i, {}, 1), kStart);

  EXPECT_THAT(played_at(due(0)), ElementsAre(0, 0));
  EXPECT_THAT(played_at(due(1)), ElementsAre(1));
  EXPECT_THAT(played_at(due(3)), ElementsAre(2, 3));
  EXPECT_EQ(buffer_.decided_before(TrackId(1)), 4u);
  EXPECT_EQ(buffer_.decided_before(TrackId(0)), 1u);
  EXPECT_EQ(buffer_.decided_before(TrackId(9)), 0u);
}

TEST_F(PlayoutBufferTest, PlaysNothingNewInAPauseAndGoesOnAfterIt) {
  for (uint32_t i = 0; i < 4; ++i) insert(chained(i), kStart);
  EXPECT_THAT(played_at(due(1)), ElementsAre(0, 1));

  timeline_.pause(due(1));
  EXPECT_THAT(played_at(due(3) + 5s), ElementsAre());
  EXPECT_EQ(wait_, Timestamp::max());

  timeline_.resume(due(1) + 10s);
  EXPECT_THAT(played_at(due(1) + 10s), ElementsAre());
  EXPECT_EQ(wait_, due(2) + 10s);
  EXPECT_THAT(played_at(due(2) + 10s), ElementsAre(2));
}

TEST_F(PlayoutBufferTest, TakesAFrameOnceOnly) {
  EXPECT_TRUE(buffer_.insert(frame(0), kStart));
  EXPECT_FALSE(buffer_.insert(frame(0), kStart));
  EXPECT_EQ(buffer_.frames(), 1u);
  (void)played_at(due(0));
  EXPECT_FALSE(buffer_.insert(frame(0), kStart));
  EXPECT_EQ(buffer_.bytes(), 0u);
}

TEST_F(PlayoutBufferTest, AFullBufferRefusesWhatIsFarAhead) {
  PlayoutBuffer small({.max_frames = 3}, timeline_);
  EXPECT_TRUE(small.insert(chained(1), kStart));
  EXPECT_TRUE(small.insert(chained(2), kStart));
  EXPECT_TRUE(small.insert(chained(3), kStart));
  EXPECT_FALSE(small.insert(chained(4), kStart));
  // All the others wait for it.
  EXPECT_TRUE(small.insert(chained(0), kStart));
  EXPECT_TRUE(std::holds_alternative<Play>(small.next(due(0))));
}

TEST_F(PlayoutBufferTest, AFullBufferDoesWithoutTheMissingFrame) {
  PlayoutBuffer small({.max_frames = 3}, timeline_);
  for (uint32_t i = 1; i < 4; ++i) EXPECT_TRUE(small.insert(chained(i), kStart));

  int skipped = 0;
  while (std::holds_alternative<Skip>(small.next(due(1)))) ++skipped;

  EXPECT_GT(skipped, 0);
  EXPECT_TRUE(small.is_empty());
  EXPECT_TRUE(small.insert(chained(12), due(3)));
}

TEST_F(PlayoutBufferTest, TellsHowMuchMediaWaits) {
  EXPECT_EQ(buffer_.level(), 0ms);
  for (uint32_t i = 0; i < 6; ++i) insert(chained(i), kStart);
  EXPECT_EQ(buffer_.level(), 5 * kPicture);
  (void)played_at(due(2));
  EXPECT_EQ(buffer_.level(), 3 * kPicture);
}

TEST_F(PlayoutBufferTest, TheLargestFrameNumberHasAnEnd) {
  insert(frame(0xffffffff), kStart);
  EXPECT_EQ(played_at(Timestamp::max() - 1us).size(), 1u);
  EXPECT_FALSE(buffer_.insert(frame(0), kStart));
}

// A clip of pictures that refer to earlier ones, and when each arrives, if it does.
struct Arrivals {
  std::vector<Frame> frames;
  std::multimap<Timestamp, size_t> order;
  std::map<std::pair<uint8_t, uint32_t>, Timestamp> at;
};

Arrivals random_arrivals(Random& random, uint32_t count) {
  Arrivals made;
  for (const uint8_t track : {uint8_t{0}, uint8_t{1}}) {
    for (uint32_t number = 0; number < count; ++number) {
      Frame each = frame(number, {}, track);
      if (track == 0 && !random.chance(0.1)) {
        const uint64_t wanted = random.between(1, 2);
        std::set<uint32_t> references;
        for (uint64_t i = 0; i < wanted && number > 0; ++i) {
          references.insert(number - 1 -
                            static_cast<uint32_t>(random.between(0, std::min(number - 1, 3U))));
        }
        for (const uint32_t reference : references) each.references.emplace_back(reference);
      }
      if (!random.chance(0.1)) {
        const auto wait = static_cast<int64_t>(random.between(0, random.chance(0.8) ? 200 : 600));
        const Timestamp arrival = kStart + number * kPicture + std::chrono::milliseconds(wait);
        made.order.emplace(arrival, made.frames.size());
        made.at[{track, number}] = arrival;
      }
      made.frames.push_back(std::move(each));
    }
  }
  return made;
}

// On time, and everything it needs too.
std::set<std::pair<uint8_t, uint32_t>> strictly_playable(const Arrivals& arrivals) {
  std::set<std::pair<uint8_t, uint32_t>> playable;
  for (const Frame& each : arrivals.frames) {
    const std::pair key{each.track.value(), each.number.value()};
    const auto arrival = arrivals.at.find(key);
    if (arrival == arrivals.at.end() || arrival->second > due(key.second)) continue;
    bool decodable = true;
    for (const FrameNumber reference : each.references) {
      decodable = decodable && playable.contains({key.first, reference.value()});
    }
    if (decodable) playable.insert(key);
  }
  return playable;
}

void check_playout(bool catch_up) {
  const auto seed = *rc::gen::arbitrary<uint64_t>();
  Random random(seed);
  const Arrivals arrivals = random_arrivals(random, *rc::gen::inRange<uint32_t>(1, 60));
  const auto playable = strictly_playable(arrivals);
  PlayoutTimeline timeline(kStart, MediaTime{}, kDelay);
  PlayoutBuffer buffer({.catch_up = catch_up}, timeline);

  std::set<std::pair<uint8_t, uint32_t>> played;
  std::map<uint8_t, uint64_t> decided;
  const auto step_until_wait = [&](Timestamp now) {
    for (;;) {
      const PlayoutStep step = buffer.next(now);
      if (const auto* const wait = std::get_if<Wait>(&step)) {
        RC_ASSERT(wait->until > now);
        return wait->until;
      }
      if (const auto* const skip = std::get_if<Skip>(&step)) {
        // Every frame is decided on once, in order.
        RC_ASSERT(skip->first.value() == decided[skip->track.value()]);
        RC_ASSERT(skip->last >= skip->first);
        decided[skip->track.value()] = uint64_t{skip->last.value()} + 1;
        continue;
      }
      const auto& play = std::get<Play>(step);
      const std::pair key{play.frame.track.value(), play.frame.number.value()};
      RC_ASSERT(key.second == decided[key.first]);
      decided[key.first] = uint64_t{key.second} + 1;
      RC_ASSERT(play.due == due(key.second));
      RC_ASSERT(now >= play.due);
      RC_ASSERT(play.catching_up || now == play.due);
      RC_ASSERT(catch_up || !play.catching_up);
      for (const FrameNumber reference : play.frame.references) {
        RC_ASSERT(played.contains({key.first, reference.value()}));
      }
      // What could be played in time, was.
      RC_ASSERT(!playable.contains(key) || now == play.due);
      played.insert(key);
    }
  };
  Timestamp wake = step_until_wait(kStart);
  auto next = arrivals.order.begin();
  while (next != arrivals.order.end() || wake != Timestamp::max()) {
    if (next != arrivals.order.end() && next->first <= wake) {
      (void)buffer.insert(arrivals.frames[next->second], next->first);
      wake = step_until_wait(next->first);
      ++next;
    } else {
      wake = step_until_wait(wake);
    }
  }
  for (const auto& key : playable) RC_ASSERT(played.contains(key));
  if (!catch_up) RC_ASSERT(played == playable);
}

RC_GTEST_PROP(PlayoutBufferProperty, PlaysInOrderWhatIsDecodableAndNothingBeforeItIsDue, ()) {
  check_playout(true);
}
RC_GTEST_PROP(PlayoutBufferProperty, WithoutCatchingUpPlaysExactlyWhatWasThereInTime, ()) {
  check_playout(false);
}

}  // namespace
}  // namespace mayfly
