#include "client/clock_relation.h"

#include <gmock/gmock.h>

#include "core/random.h"

namespace mayfly {
namespace {

constexpr Timestamp kServerZero{100s};

// An exchange that was this long on its way there and back; the server answers after 3 ms.
ClockSample exchange(Timestamp at, Duration there, Duration back, Timestamp zero = kServerZero) {
  const Timestamp received = at + there;
  const Timestamp replied = received + 3ms;
  return {at, received - zero, replied - zero, replied + back};
}

TEST(ClockRelationTest, IsExactWhenBothWaysTakeTheSame) {
  ClockRelation clocks;

  EXPECT_FALSE(clocks.is_known());
  EXPECT_TRUE(clocks.add(exchange(Timestamp(200s), 20ms, 20ms)));

  EXPECT_TRUE(clocks.is_known());
  EXPECT_EQ(clocks.to_player(5s), kServerZero + 5s);
  EXPECT_EQ(clocks.round_trip(), 40ms);
  EXPECT_EQ(clocks.one_way_delay(150s, kServerZero + 150s + 20ms), 20ms);
}

TEST(ClockRelationTest, BelievesTheFastestExchange) {
  ClockRelation clocks;
  clocks.add(exchange(Timestamp(200s), 300ms, 20ms));
  EXPECT_EQ(clocks.to_player(0s), kServerZero - 140ms);

  EXPECT_TRUE(clocks.add(exchange(Timestamp(201s), 20ms, 20ms)));
  EXPECT_EQ(clocks.to_player(0s), kServerZero);

  EXPECT_FALSE(clocks.add(exchange(Timestamp(202s), 20ms, 500ms)));
  EXPECT_EQ(clocks.to_player(0s), kServerZero);
  EXPECT_EQ(clocks.round_trip(), 40ms);
}

TEST(ClockRelationTest, IsNeverWrongByMoreThanHalfTheRoundTrip) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    ClockRelation clocks;
    Timestamp at(200s);
    for (int i = 0; i < 200; ++i) {
      const Duration there(static_cast<int64_t>(random.between(0, 400'000)));
      const Duration back(static_cast<int64_t>(random.between(0, 400'000)));
      clocks.add(exchange(at, there, back));
      const Duration wrong = std::chrono::abs(clocks.to_player(0s) - kServerZero);
      ASSERT_LE(wrong, clocks.round_trip() / 2 + 1us);
      at += 200ms;
    }
  }
}

TEST(ClockRelationTest, FollowsACrystalThatDrifts) {
  ClockRelation clocks(30s);
  Duration worst{};
  // 100 us in a second, for ten minutes.
  for (int i = 0; i < 3000; ++i) {
    const Timestamp at = Timestamp(200s) + i * 200ms;
    const Timestamp zero = kServerZero + i * 20us;
    clocks.add(exchange(at, 20ms, 20ms + (i % 7) * 1ms, zero));
    worst = std::max(worst, std::chrono::abs(clocks.to_player(0s) - zero));
  }

  EXPECT_LE(worst, 4ms);
}

TEST(ClockRelationTest, KeepsTheLastExchangeHoweverOld) {
  ClockRelation clocks(30s);
  clocks.add(exchange(Timestamp(200s), 20ms, 20ms));
  clocks.add(exchange(Timestamp(900s), 50ms, 50ms));

  EXPECT_EQ(clocks.round_trip(), 100ms);
}

TEST(ClockRelationTest, IgnoresExchangesThatContradictThemselves) {
  ClockRelation clocks;

  // Answered before it arrived; back before it was sent; longer there than away; far in the future.
  EXPECT_FALSE(clocks.add({Timestamp(200s), 10s, 9s, Timestamp(201s)}));
  EXPECT_FALSE(clocks.add({Timestamp(200s), 10s, 10s, Timestamp(199s)}));
  EXPECT_FALSE(clocks.add({Timestamp(200s), 10s, 13s, Timestamp(202s)}));
  EXPECT_FALSE(clocks.add({Timestamp(200s), -1s, 1s, Timestamp(210s)}));
  EXPECT_FALSE(
      clocks.add({Timestamp(200s), Duration::max() - 1us, Duration::max(), Timestamp(210s)}));
  EXPECT_FALSE(clocks.is_known());

  // Whole microseconds round.
  EXPECT_TRUE(clocks.add({Timestamp(200s), 10s, 10s + 1us, Timestamp(200s)}));
  EXPECT_EQ(clocks.round_trip(), 0us);
}

}  // namespace
}  // namespace mayfly
