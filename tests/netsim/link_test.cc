#include "netsim/link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace mayfly {
namespace {

using testing::ElementsAre;
using testing::Gt;
using testing::Lt;

constexpr Timestamp kStart{1s};
constexpr size_t kPacketBytes = 1000;

LinkModel with_loss(const LossModel& loss) { return {.loss = loss}; }

// The fates of `count` packets sent `interval` apart: whether each was lost.
std::vector<bool> losses(const LinkModel& model, uint64_t seed, size_t count, Duration interval) {
  Link link(model, seed, kStart);
  std::vector<bool> lost(count);
  for (size_t i = 0; i < count; ++i) {
    const Timestamp now = kStart + static_cast<int64_t>(i) * interval;
    lost[i] = link.offer(now, kPacketBytes).copies == 0;
  }
  return lost;
}

double share(const std::vector<bool>& lost) {
  return static_cast<double>(std::count(lost.begin(), lost.end(), true)) /
         static_cast<double>(lost.size());
}

double mean_burst(const std::vector<bool>& lost) {
  size_t bursts = 0;
  for (size_t i = 0; i < lost.size(); ++i) {
    if (lost[i] && (i == 0 || !lost[i - 1])) ++bursts;
  }
  return share(lost) * static_cast<double>(lost.size()) / static_cast<double>(bursts);
}

// A statistical claim is made for each of several seeds, so that none is lucky.
class LinkLossTest : public testing::TestWithParam<uint64_t> {};

INSTANTIATE_TEST_SUITE_P(Seeds, LinkLossTest, testing::Values(1, 2, 3, 4, 5));

TEST_P(LinkLossTest, LosesIndependentPacketsAtTheMeanAsked) {
  const auto lost = losses(with_loss(BernoulliLoss{0.03}), GetParam(), 100'000, 500us);

  // Binomial: standard deviation sqrt(.03 .97 / 1e5) = .00054; five of them.
  EXPECT_NEAR(share(lost), 0.03, 0.0027);
  // Independent losses come in bursts of 1/(1-p) = 1.031; the mean of 2910 geometric bursts
  // deviates by sqrt(p)/(1-p)/sqrt(2910) = .0033; five of them.
  EXPECT_NEAR(mean_burst(lost), 1.031, 0.017);
}

TEST_P(LinkLossTest, LosesInBurstsOfTheLengthAsked) {
  const auto lost = losses(with_loss(GilbertElliottLoss{.mean = 0.05, .burst_packets = 5}),
                           GetParam(), 200'000, 500us);

  // The chain forgets by 1 - p - r = 1 - .0105 - .2 = .789 a packet, which multiplies the binomial
  // variance by (1 + .789) / (1 - .789) = 8.5: deviation sqrt(.05 .95 8.5 / 2e5) = .0014.
  EXPECT_NEAR(share(lost), 0.05, 0.0071);
  // 2000 geometric bursts of mean 5, deviation sqrt(.8)/.2 = 4.47: of their mean .1.
  EXPECT_NEAR(mean_burst(lost), 5, 0.5);
}

// P[n packets in a row survive] = (1 - mean) (1 - p)^(n-1): an intra frame of 44 packets survives
// bursts better than it would independent losses (.105).
TEST_P(LinkLossTest, SparesWholeFramesAsOftenAsGilbertsChainDoes) {
  constexpr size_t kFrames = 4000;
  constexpr size_t kPackets = 44;
  const std::vector<std::pair<double, double>> survival = {
      {2, .302}, {5, .603}, {10, .757}, {20, .848}};
  for (const auto& [burst, expected] : survival) {
    const auto lost = losses(with_loss(GilbertElliottLoss{.mean = 0.05, .burst_packets = burst}),
                             GetParam(), kFrames * kPackets, 500us);
    size_t whole = 0;
    for (size_t frame = 0; frame < kFrames; ++frame) {
      const auto first = lost.begin() + static_cast<std::ptrdiff_t>(frame * kPackets);
      if (std::find(first, first + kPackets, true) == first + kPackets) ++whole;
    }
    // Binomial deviation at most .5/sqrt(4000) = .0079, times up to 1.6 for frames that share a
    // burst; five of them.
    EXPECT_NEAR(static_cast<double>(whole) / kFrames, expected, 0.063) << "burst " << burst;
  }
}

TEST_P(LinkLossTest, LosesTheMeanAskedWhenBothStatesLoseSome) {
  const GilbertElliottLoss loss{
      .mean = 0.05, .burst_packets = 10, .loss_in_bad = 0.5, .loss_in_good = 0.01};
  const auto lost = losses(with_loss(loss), GetParam(), 200'000, 500us);

  // Bad share .0816, forgetting by 1 - .1 - .0089 = .891 a packet: of the state's share the
  // deviation is sqrt(.0816 .918 17.4 / 2e5) = .0026, times the difference .49 of the losses;
  // the packets' own .0005 hardly matters. Five of the sum, .0013.
  EXPECT_NEAR(share(lost), 0.05, 0.0066);
}

TEST_P(LinkLossTest, FadesForTheShareOfTimeAskedAlsoWhileNobodySends) {
  const auto lost =
      losses(with_loss(FadingLoss{.mean = 0.02, .burst = 20ms}), GetParam(), 1'000'000, 1ms);

  // Over T = 1000 s with a memory of 1/(1/20 ms + 1/980 ms) = 19.6 ms the variance of the share is
  // 2 .02 .98 .0196/1000 = 7.7e-7; five deviations.
  EXPECT_NEAR(share(lost), 0.02, 0.0044);
  // 1000 fades; sampled each millisecond, one is seen for 20 ms on the average of those that are
  // seen at all, 20 ms/(1 - exp(-1/20))/20 = 20.5; deviation 20/sqrt(1000) = .65.
  EXPECT_NEAR(mean_burst(lost), 20.5, 3.3);

  // A retransmission after a round trip meets the channel of that moment, not of its last packet.
  constexpr size_t kLater = 60;  // milliseconds
  size_t bad = 0;
  size_t still_bad = 0;
  for (size_t i = 0; i + kLater < lost.size(); ++i) {
    if (!lost[i]) continue;
    ++bad;
    if (lost[i + kLater]) ++still_bad;
  }

  // .02 + .98 exp(-60/19.6) = .066; about 1000 independent fades give a deviation of .008.
  EXPECT_NEAR(static_cast<double>(still_bad) / static_cast<double>(bad), 0.066, 0.04);
}

TEST_P(LinkLossTest, GivesSendersOfDifferentRatesTheSameChannel) {
  for (const LossModel& loss :
       {LossModel(BernoulliLoss{0.2}), LossModel(FadingLoss{.mean = 0.2, .burst = 5ms})}) {
    Link slow(with_loss(loss), GetParam(), kStart);
    Link fast(with_loss(loss), GetParam(), kStart);
    for (int i = 0; i < 1000; ++i) {
      const Timestamp now = kStart + i * 1ms;
      const bool lost = slow.offer(now, kPacketBytes).copies == 0;
      EXPECT_EQ(fast.offer(now, 100).copies == 0, lost) << "packet " << i;
      for (int more = 0; more < 2; ++more) (void)fast.offer(now, 100);
    }
  }
}

TEST(LinkTest, LosesNothingAndEverythingAtTheEnds) {
  EXPECT_EQ(share(losses(with_loss(BernoulliLoss{0}), 1, 1000, 1ms)), 0);
  EXPECT_EQ(share(losses(with_loss(BernoulliLoss{1}), 1, 1000, 1ms)), 1);
  EXPECT_EQ(share(losses(with_loss(GilbertElliottLoss{.mean = 1}), 1, 1000, 1ms)), 1);
  EXPECT_EQ(
      share(losses(with_loss(GilbertElliottLoss{.mean = 0, .burst_packets = 5}), 1, 1000, 1ms)), 0);
  EXPECT_EQ(share(losses(with_loss(FadingLoss{.mean = 0, .burst = 20ms}), 1, 1000, 1ms)), 0);
  EXPECT_EQ(share(losses(with_loss(FadingLoss{.mean = 1, .burst = 20ms}), 1, 1000, 1ms)), 1);
}

TEST(LinkTest, DelaysEveryPacketByExactlyTheDelay) {
  Link link({.delay = 20ms}, 1, kStart);

  EXPECT_EQ(link.offer(kStart + 1ms, kPacketBytes).arrival(), kStart + 21ms);
  EXPECT_EQ(link.offer(kStart + 1ms, kPacketBytes).arrival(), kStart + 21ms);
}

// Arrivals less the delay, of packets sent 1 ms apart.
std::vector<double> jitters_ms(const LinkModel& model, uint64_t seed, int count) {
  Link link(model, seed, kStart);
  std::vector<double> jitters;
  for (int i = 0; i < count; ++i) {
    const Timestamp now = kStart + i * 1ms;
    jitters.push_back(to_milliseconds(link.offer(now, kPacketBytes).arrival() - now - model.delay));
  }
  return jitters;
}

TEST(LinkTest, SpreadsJitterEvenlyWhereItMayReorder) {
  const auto jitters = jitters_ms({.delay = 20ms, .jitter = 8ms, .reorder = true}, 1, 10'000);

  EXPECT_THAT(jitters, testing::Each(testing::AllOf(testing::Ge(0), testing::Le(8))));
  // Uniform on 0 to 8: mean 4, deviation 8/sqrt(12)/sqrt(1e4) = .023; five of them. A quarter is
  // below 2, with a binomial deviation of .0043.
  EXPECT_NEAR(std::accumulate(jitters.begin(), jitters.end(), 0.0) / 10'000, 4, 0.12);
  EXPECT_NEAR(static_cast<double>(
                  std::count_if(jitters.begin(), jitters.end(), [](double ms) { return ms < 2; })) /
                  10'000,
              0.25, 0.022);
}

TEST(LinkTest, LetsJitterReorderOnlyWhereAllowed) {
  const auto inversions = [](bool reorder) {
    Link link({.jitter = 10ms, .reorder = reorder}, 1, kStart);
    int count = 0;
    Timestamp latest = kStart;
    for (int i = 0; i < 1000; ++i) {
      const Timestamp arrival = link.offer(kStart + i * 1ms, kPacketBytes).arrival();
      if (arrival < latest) ++count;
      latest = std::max(latest, arrival);
    }
    return count;
  };

  EXPECT_EQ(inversions(false), 0);
  EXPECT_THAT(inversions(true), Gt(100));
}

TEST(LinkTest, SpacesPacketsByTheirTimeAtTheRate) {
  Link link({.delay = 5ms, .capacity = DataRate::bits_per_second(1'000'000)}, 1, kStart);

  // 1000 bytes at 1 Mbit/s: 8 ms each, whenever they were handed in.
  EXPECT_EQ(link.offer(kStart, 1000).arrival(), kStart + 13ms);
  EXPECT_EQ(link.offer(kStart, 1000).arrival(), kStart + 21ms);
  EXPECT_EQ(link.offer(kStart + 10ms, 500).arrival(), kStart + 25ms);
  EXPECT_EQ(link.offer(kStart + 100ms, 1000).arrival(), kStart + 113ms);
}

TEST(LinkTest, KeepsAFastRateInSpiteOfRoundingToMicroseconds) {
  Link link({.capacity = DataRate::bits_per_second(1'000'000'000)}, 1, kStart);
  Timestamp last;

  for (int i = 0; i < 1000; ++i) last = link.offer(kStart, 1200).arrival();

  EXPECT_EQ(last, kStart + 9600us);  // 9.6 us each
}

TEST(LinkTest, DropsWhatWouldWaitLongerThanTheQueue) {
  Link link({.capacity = DataRate::bits_per_second(1'000'000), .queue = 20ms}, 1, kStart);
  std::vector<Link::Outcome> outcomes;

  // They would wait 0, 8, 16 and 24 ms.
  for (int i = 0; i < 4; ++i) outcomes.push_back(link.offer(kStart, 1000).outcome);
  outcomes.push_back(link.offer(kStart + 4ms, 1000).outcome);  // 20 ms

  using enum Link::Outcome;
  EXPECT_THAT(outcomes, ElementsAre(Delivered, Delivered, Delivered, QueueFull, Delivered));
}

TEST(LinkTest, DeliversTheRateAndDropsTheRestUnderOverload) {
  const LinkModel model{.capacity = DataRate::bits_per_second(4'000'000), .queue = 300ms};
  Link link(model, 1, kStart);
  Duration longest{};
  // 8 Mbit/s for 10 s.
  for (int i = 0; i < 10'000; ++i) {
    const Timestamp now = kStart + i * 1ms;
    const auto passage = link.offer(now, 1000);
    if (passage.copies > 0) longest = std::max(longest, passage.arrival() - now);
  }

  // 10 s at 500 packets a second, and the 300 ms that still wait at the end.
  EXPECT_NEAR(static_cast<double>(link.stats().delivered), 5150, 2);
  EXPECT_EQ(link.stats().delivered + link.stats().dropped_by_queue, 10'000U);
  EXPECT_THAT(longest, testing::AllOf(Gt(299ms), Lt(303ms)));
}

TEST_P(LinkLossTest, LetsPacketsWaitAsLongAsQueueingTheorySays) {
  Link link({.capacity = DataRate::bits_per_second(8'000'000), .queue = 10s}, 1, kStart);
  Random random(GetParam());
  constexpr int kPackets = 200'000;
  double now_us = 0;
  double waited_ms = 0;
  // Poisson arrivals every 1.25 ms, 1 ms of service: load .8.
  for (int i = 0; i < kPackets; ++i) {
    now_us += random.exponential(1250);
    const Timestamp now = kStart + Duration(static_cast<int64_t>(now_us));
    waited_ms += to_milliseconds(link.offer(now, 1000).arrival() - now) - 1;
  }

  // M/D/1: load/(2 (1 - load)) services = 2 ms (Pollaczek-Khinchine). 40,000 busy periods, whose
  // sums of waiting vary by a factor of about six: 3 % deviation; five of them.
  EXPECT_NEAR(waited_ms / kPackets, 2, 0.3);
}

CapacityTrace trace_of(std::vector<Duration> opportunities) {
  return {.opportunities = std::move(opportunities)};
}

TEST(LinkTest, LeavesAtTheOpportunitiesOfATraceAndBeginsItAnew) {
  Link link({.capacity = trace_of({3ms, 10ms})}, 1, kStart);
  std::vector<Duration> departures;

  for (int i = 0; i < 5; ++i) {
    departures.push_back(link.offer(kStart, 1500).arrival() - kStart);
  }

  EXPECT_THAT(departures, ElementsAre(3ms, 10ms, 13ms, 20ms, 23ms));
}

TEST(LinkTest, CountsTheBytesOfAnOpportunity) {
  Link link({.capacity = trace_of({1ms, 2ms, 3ms, 4ms})}, 1, kStart);
  std::vector<Duration> departures;

  for (const size_t bytes : {500U, 500U, 500U, 2000U, 1000U, 1U}) {
    departures.push_back(link.offer(kStart, bytes).arrival() - kStart);
  }

  // Three fill the first; 2000 bytes take the second and a third of the third, which the next 1000
  // fill.
  EXPECT_THAT(departures, ElementsAre(1ms, 1ms, 1ms, 3ms, 3ms, 4ms));
}

TEST(LinkTest, LosesOpportunitiesWhileNothingWaits) {
  Link link({.capacity = trace_of({1ms, 1ms, 5ms})}, 1, kStart);

  EXPECT_EQ(link.offer(kStart + 1ms, 1500).arrival(), kStart + 5ms);
  EXPECT_EQ(link.offer(kStart + 1h, 1500).arrival(), kStart + 1h + 1ms);
}

TEST(LinkTest, BoundsTheQueueOfATraceByItsMeanRate) {
  // 1500 bytes every 2 ms, so 10 ms are 7500 bytes, or five packets.
  Link link({.capacity = trace_of({2ms}), .queue = 10ms}, 1, kStart);
  std::vector<bool> taken;

  for (int i = 0; i < 7; ++i) taken.push_back(link.offer(kStart, 1500).copies == 1);
  taken.push_back(link.offer(kStart + 2ms, 1500).copies == 1);  // one has left

  EXPECT_THAT(taken, ElementsAre(true, true, true, true, true, false, false, true));
}

TEST(LinkTest, LosesEverythingInAnOutageAndNothingOutside) {
  Link link({.outages = {{10ms, 5ms}, {20ms, 1ms}}}, 1, kStart);
  std::vector<int> lost;

  for (int ms = 0; ms < 30; ++ms) {
    if (link.offer(kStart + ms * 1ms, kPacketBytes).copies == 0) lost.push_back(ms);
  }

  EXPECT_THAT(lost, ElementsAre(10, 11, 12, 13, 14, 20));
}

TEST(LinkTest, DuplicatesAsOftenAsAsked) {
  Link link({.delay = 10ms, .duplicate = 0.1}, 1, kStart);
  for (int i = 0; i < 10'000; ++i) {
    const auto passage = link.offer(kStart + i * 1ms, kPacketBytes);
    for (size_t copy = 0; copy < passage.copies; ++copy) {
      EXPECT_EQ(passage.arrivals[copy], kStart + i * 1ms + 10ms);
    }
  }

  // Binomial: deviation sqrt(1e4 .1 .9) = 30; five of them.
  EXPECT_NEAR(static_cast<double>(link.stats().duplicated), 1000, 150);
  EXPECT_EQ(link.stats().delivered, 10'000U);
}

TEST(LinkTest, CountsEveryPacketInOneState) {
  Link link({.loss = BernoulliLoss{0.3},
             .capacity = DataRate::bits_per_second(4'000'000),
             .queue = 10ms,
             .outages = {{1s, 100ms}}},
            1, kStart);
  for (int i = 0; i < 10'000; ++i) (void)link.offer(kStart + i * 1ms, 1000);

  const LinkStats& stats = link.stats();
  EXPECT_EQ(stats.offered, 10'000U);
  EXPECT_EQ(stats.offered, stats.lost + stats.dropped_by_queue + stats.delivered);
  EXPECT_EQ(stats.bytes_delivered, 1000 * stats.delivered);
  EXPECT_THAT(stats.dropped_by_queue, Gt(0U));
}

// Everything that happened to 10,000 packets, in one number (FNV-1a).
uint64_t digest(const LossModel& loss, uint64_t seed) {
  Link link({.loss = loss,
             .delay = 20ms,
             .jitter = 7ms,
             .reorder = true,
             .capacity = DataRate::bits_per_second(6'000'000),
             .queue = 50ms,
             .duplicate = 0.01},
            seed, kStart);
  uint64_t value = 0xcbf29ce484222325ULL;
  const auto add = [&value](uint64_t number) { value = (value ^ number) * 0x100000001b3ULL; };
  for (int i = 0; i < 10'000; ++i) {
    const auto passage = link.offer(kStart + i * 1ms, 900);
    add(static_cast<uint64_t>(passage.outcome));
    for (size_t copy = 0; copy < passage.copies; ++copy) {
      add(static_cast<uint64_t>((passage.arrivals[copy] - kStart).count()));
    }
  }
  return value;
}

TEST(LinkTest, GivesTheSameRunForTheSameSeedAndAnotherForAnother) {
  const std::vector<LossModel> models = {BernoulliLoss{0.05},
                                         GilbertElliottLoss{.mean = 0.05, .burst_packets = 5},
                                         FadingLoss{.mean = 0.05, .burst = 20ms}};
  for (const LossModel& loss : models) {
    EXPECT_EQ(digest(loss, 7), digest(loss, 7));
    EXPECT_NE(digest(loss, 7), digest(loss, 8));
  }
}

// A seed in a report must mean the same run on every machine and in every later version.
TEST(LinkTest, GivesTheRunThatTheSeedAlwaysGave) {
  EXPECT_EQ(digest(BernoulliLoss{0.05}, 7), 1460599431146147150U);
  EXPECT_EQ(digest(GilbertElliottLoss{.mean = 0.05, .burst_packets = 5}, 7), 2021256984184901613U);
}

TEST(LinkTest, GivesTheTwoDirectionsOfAPathIndependentChannels) {
  PathModel path;
  path.up.loss = BernoulliLoss{0.5};
  path.down.loss = BernoulliLoss{0.5};
  Link up = up_link(path, kStart);
  Link down = down_link(path, kStart);
  int differ = 0;

  for (int i = 0; i < 1000; ++i) {
    const Timestamp now = kStart + i * 1ms;
    if (up.offer(now, 1).copies != down.offer(now, 1).copies) ++differ;
  }

  // Binomial: mean 500, deviation 16; five of them.
  EXPECT_NEAR(differ, 500, 80);
}

}  // namespace
}  // namespace mayfly
