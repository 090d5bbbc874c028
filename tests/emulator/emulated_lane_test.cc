#include "emulator/emulated_lane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace mayfly {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Optional;

constexpr Timestamp kStart{1s};

// A lane of the spec's upward link, and what it told.
struct ToldLane {
  explicit ToldLane(const std::string& spec, size_t max_held_bytes = EmulatedLane::kMaxHeldBytes)
      : lane(
            up_link(parse_path_model(spec).value(), kStart), kStart,
            [this](const PacketRecord& record) { records.push_back(record); }, max_held_bytes) {}

  [[nodiscard]] std::vector<std::string> taken_until(Timestamp until) {
    std::vector<std::string> texts;
    while (const auto packet = lane.take(until)) texts.emplace_back(as_text(*packet));
    return texts;
  }

  std::vector<PacketRecord> records;
  EmulatedLane lane;
};

TEST(EmulatedLaneTest, GivesAPacketOutWhenItsDelayHasPassed) {
  ToldLane told("delay=20ms");

  told.lane.offer(kStart + 5ms, as_bytes("packet"));

  EXPECT_THAT(told.lane.next_arrival(), Optional(kStart + 25ms));
  EXPECT_THAT(told.taken_until(kStart + 25ms - 1us), IsEmpty());
  EXPECT_THAT(told.taken_until(kStart + 25ms), ElementsAre("packet"));
  EXPECT_EQ(told.lane.next_arrival(), std::nullopt);
  EXPECT_THAT(
      told.records,
      ElementsAre(PacketRecord{
          .time = 5ms, .bytes = 6, .fate = PacketFate::Delivered, .queued = 0ms, .arrival = 25ms}));
}

TEST(EmulatedLaneTest, TellsHowLongPacketsStoodInTheQueue) {
  ToldLane told("rate=8kbit/s,delay=1s");  // a millisecond per byte
  const std::string packet(100, 'x');

  for (int i = 0; i < 3; ++i) told.lane.offer(kStart, as_bytes(packet));

  EXPECT_THAT(told.records,
              ElementsAre(Field(&PacketRecord::queued, 100ms), Field(&PacketRecord::queued, 200ms),
                          Field(&PacketRecord::queued, 300ms)));
  EXPECT_THAT(told.lane.last_arrival(), Optional(kStart + 1300ms));
  EXPECT_EQ(told.lane.stats().longest_queued, 300ms);
  EXPECT_EQ(told.lane.stats().total_queued, 600ms);
}

TEST(EmulatedLaneTest, TellsWhichPacketsTheQueueHadNoRoomFor) {
  ToldLane told("rate=8kbit/s,queue=150ms");
  const std::string packet(100, 'x');

  for (int i = 0; i < 4; ++i) told.lane.offer(kStart, as_bytes(packet));

  const auto fate = [](PacketFate each) { return Field(&PacketRecord::fate, each); };
  EXPECT_THAT(told.records, ElementsAre(fate(PacketFate::Delivered), fate(PacketFate::Delivered),
                                        fate(PacketFate::QueueFull), fate(PacketFate::QueueFull)));
  EXPECT_EQ(told.records.back().arrival, std::nullopt);
}

TEST(EmulatedLaneTest, LosesThePacketsOfThePattern) {
  ToldLane told("pattern=010,rate=8Mbit/s");

  for (const char* each : {"first", "second", "third"}) told.lane.offer(kStart, as_bytes(each));

  EXPECT_THAT(told.taken_until(kStart + 1s), ElementsAre("first", "third"));
  EXPECT_EQ(told.records[1].fate, PacketFate::Lost);
  EXPECT_GT(told.records[1].queued, told.records[0].queued) << "a lost packet uses the rate too";
  EXPECT_EQ(told.records[1].arrival, std::nullopt);
}

TEST(EmulatedLaneTest, TellsOfSecondCopiesAndGivesThemOut) {
  ToldLane told("duplicate=100%,delay=1ms");

  told.lane.offer(kStart, as_bytes("twice"));

  EXPECT_THAT(told.taken_until(kStart + 1ms), ElementsAre("twice", "twice"));
  EXPECT_THAT(told.records, ElementsAre(Field(&PacketRecord::fate, PacketFate::Delivered),
                                        Field(&PacketRecord::fate, PacketFate::Duplicate)));
}

TEST(EmulatedLaneTest, HoldsNoMoreThanItsBound) {
  ToldLane told("delay=1s", 10);

  told.lane.offer(kStart, as_bytes("sixsix"));
  told.lane.offer(kStart, as_bytes("seven77"));
  told.lane.offer(kStart, as_bytes("four"));

  EXPECT_THAT(told.taken_until(kStart + 1s), ElementsAre("sixsix", "four"));
  EXPECT_EQ(told.records[1].fate, PacketFate::NoRoom);
  told.lane.offer(kStart + 1s, as_bytes("seven77"));
  EXPECT_EQ(told.records[3].fate, PacketFate::Delivered) << "what came out makes room";
}

// What two senders with different packets meet at the same moment is the same channel.
TEST(EmulatedLaneTest, LossesFollowFromTheSeedAndTheMomentAlone) {
  ToldLane one("loss=30%,seed=9");
  ToldLane other("loss=30%,seed=9");
  const std::string large(1200, 'x');

  for (int i = 0; i < 1000; ++i) {
    const Timestamp now = kStart + i * 3ms;
    one.lane.offer(now, as_bytes("small"));
    if (i % 2 == 0) other.lane.offer(now, as_bytes(large));
  }

  size_t lost = 0;
  for (size_t i = 0; i < other.records.size(); ++i) {
    EXPECT_EQ(other.records[i].fate, one.records[2 * i].fate);
    if (other.records[i].fate == PacketFate::Lost) ++lost;
  }
  // Binomial, 500 at .3: 150, standard deviation 10.2; five of them.
  EXPECT_NEAR(static_cast<double>(lost), 150, 52);
}

RC_GTEST_PROP(EmulatedLaneTest, CountsEveryPacketOnceAndGivesOutInOrderWhatIsDelivered, ()) {
  const std::string spec = "loss=" + std::to_string(*rc::gen::inRange(0, 100)) +
                           "%,jitter=3ms,duplicate=" + std::to_string(*rc::gen::inRange(0, 100)) +
                           "%,rate=1Mbit/s,queue=" + std::to_string(*rc::gen::inRange(0, 50)) +
                           "ms,seed=" + std::to_string(*rc::gen::inRange(0, 1000));
  ToldLane told(spec, static_cast<size_t>(*rc::gen::inRange(0, 20'000)));
  Timestamp now = kStart;
  size_t taken = 0;
  for (const int bytes : *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 1500))) {
    now += Duration(*rc::gen::inRange(0, 20'000));
    told.lane.offer(now, Bytes(static_cast<size_t>(bytes)));
    if (*rc::gen::arbitrary<bool>()) taken += told.taken_until(now).size();
  }

  const LaneStats stats = told.lane.stats();
  RC_ASSERT(told.records.size() == stats.offered + stats.duplicated);
  RC_ASSERT(stats.offered + stats.duplicated ==
            stats.lost + stats.queue_full + stats.no_room + stats.delivered + stats.under_way);
  RC_ASSERT(stats.delivered == taken);
  Timestamp last = kStart;
  while (const auto next = told.lane.next_arrival()) {
    RC_ASSERT(*next >= last);
    last = *next;
    RC_ASSERT(told.lane.take(last).has_value());
  }
}

}  // namespace
}  // namespace mayfly
