#include "client/latency_sketch.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/random.h"

namespace mayfly {
namespace {

TEST(LatencySketchTest, HasNothingToSayAtFirst) {
  EXPECT_EQ(LatencySketch().summary(), LatencySummary{});
}

TEST(LatencySketchTest, IsExactForSmallDurations) {
  LatencySketch sketch;
  for (int us = 100; us >= 1; --us) sketch.add(Duration(us));

  EXPECT_EQ(sketch.summary(), (LatencySummary{100, 50us, 95us, 99us, 100us}));
}

TEST(LatencySketchTest, StaysWithinFourInAThousandOfTheExactQuantile) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    LatencySketch sketch;
    std::vector<Duration> all;
    for (int i = 0; i < 2000; ++i) {
      all.emplace_back(static_cast<int64_t>(std::exp(random.uniform() * 20)));
      sketch.add(all.back());
    }
    std::ranges::sort(all);

    for (const double share : {0.5, 0.95, 0.99, 1.0}) {
      const auto exact = all[static_cast<size_t>(std::ceil(share * 2000)) - 1];
      const auto told = sketch.quantile(share);
      EXPECT_GE(told, exact);
      EXPECT_LE(to_seconds(told), to_seconds(exact) * 1.004 + 1e-9);
    }
    EXPECT_EQ(sketch.summary().max, all.back());
  }
}

TEST(LatencySketchTest, AddsUpToTheSameAsOne) {
  LatencySketch one, other, both;
  for (int i = 0; i < 1000; ++i) {
    const Duration latency(i * i);
    (i % 3 == 0 ? one : other).add(latency);
    both.add(latency);
  }

  one.add(other);

  EXPECT_EQ(one.summary(), both.summary());
}

TEST(LatencySketchTest, CountsNegativeDurationsAsZero) {
  LatencySketch sketch;
  sketch.add(-5ms);

  EXPECT_EQ(sketch.summary(), (LatencySummary{1, 0us, 0us, 0us, 0us}));
}

TEST(LatencySketchTest, TakesTheLongestDurationThereIs) {
  LatencySketch sketch;
  sketch.add(Duration::max());

  EXPECT_EQ(sketch.quantile(0.5), Duration::max());
}

}  // namespace
}  // namespace mayfly
