#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/random.h"
#include "tests/transport_sctp/campaign.h"
#include "tests/transport_sctp/exchange.h"
#include "transport/sctp/tx/cubic.h"
#include "transport/sctp/tx/new_reno.h"

namespace mayfly::sctp {
namespace {

// The link of a while: anything from clean to hardly there.
LinkModel random_link(Random& random) {
  LinkModel model;
  constexpr double kLosses[] = {0, 0.01, 0.05, 0.1, 0.25, 1.0};
  const double loss = kLosses[random.between(0, 5)];
  if (random.chance(0.3) && loss > 0 && loss < 1) {
    model.loss = FadingLoss{loss, Duration(random.between(5'000, 50'000))};
  } else {
    model.loss = BernoulliLoss{loss};
  }
  model.delay = Duration(random.between(1'000, 60'000));
  model.jitter = Duration(random.chance(0.5) ? random.between(0, 30'000) : 0);
  model.reorder = random.chance(0.7);
  model.duplicate = random.chance(0.3) ? 0.02 : 0;
  if (random.chance(0.5)) {
    model.capacity =
        DataRate::bits_per_second(static_cast<int64_t>(random.between(500'000, 20'000'000)));
  }
  return model;
}

struct Sent {
  SendOptions options;
  StreamId stream;
  size_t bytes = 0;
  Timestamp at{};
};

struct Life {
  std::map<uint64_t, Sent> sent;
  uint64_t refused = 0;
};

SendOptions random_options(Random& random) {
  SendOptions options;
  options.ordered = random.chance(0.5);
  options.priority = static_cast<Priority>(random.between(0, 3));
  const uint64_t kind = random.between(0, 3);
  if (kind == 1) options.lifetime = Duration(random.between(1'000, 800'000));
  if (kind == 2) options.max_retransmissions = static_cast<uint32_t>(random.between(0, 3));
  return options;
}

size_t random_size(Random& random) {
  const uint64_t kind = random.between(0, 9);
  if (kind < 5) return random.between(8, 1300);
  if (kind < 9) return random.between(1'000, 20'000);
  return random.between(20'000, 300'000);
}

// Sends for a while over one link after another, then over a good one until all is said.
Life live(Exchange& exchange, Random& random) {
  Life life;
  uint64_t next = 1;
  for (int phase = 0; phase < 12; ++phase) {
    exchange.set_links(random_link(random), random_link(random));
    for (int step = 0; step < 30; ++step) {
      for (uint64_t burst = random.between(0, 6); burst > 0; --burst) {
        const auto stream = StreamId(static_cast<uint16_t>(random.between(0, 5)));
        const Sent sent{random_options(random), stream, random_size(random),
                        exchange.simulation().now()};
        if (exchange.send(next, sent.bytes, sent.options, stream)) {
          life.sent.emplace(next++, sent);
        } else {
          ++life.refused;
        }
      }
      exchange.run_for(Duration(random.between(0, 60'000)));
    }
  }
  LinkModel good;
  good.delay = 10ms;
  exchange.set_links(good, good);
  return life;
}

void check_fates(const Life& life, const Exchange& exchange) {
  std::map<uint64_t, Fate> fates;
  for (const MessageFate& fate : exchange.fates()) {
    EXPECT_TRUE(fates.emplace(fate.id.value(), fate.fate).second) << fate.id.value();
  }
  std::map<uint64_t, int> arrived;
  std::map<StreamId, uint64_t> last_ordered;
  for (const Exchange::Arrival& arrival : exchange.arrivals()) {
    const auto sent = life.sent.find(arrival.number);
    ASSERT_NE(sent, life.sent.end()) << "nobody sent " << arrival.number;
    EXPECT_TRUE(arrival.intact) << arrival.number;
    EXPECT_EQ(arrival.bytes, sent->second.bytes);
    EXPECT_EQ(arrival.stream, sent->second.stream);
    EXPECT_EQ(++arrived[arrival.number], 1) << arrival.number << " came twice";
    if (!sent->second.options.ordered) continue;
    uint64_t& last = last_ordered[arrival.stream];
    EXPECT_LT(last, arrival.number) << "out of order on " << arrival.stream.value();
    last = arrival.number;
  }
  for (const auto& [number, sent] : life.sent) {
    ASSERT_TRUE(fates.contains(number)) << number << " has no fate";
    const bool reliable = !sent.options.lifetime && !sent.options.max_retransmissions;
    const Fate fate = fates[number];
    EXPECT_TRUE(!reliable || fate == Fate::Delivered) << number;
    EXPECT_TRUE(fate != Fate::Delivered || arrived.contains(number)) << number;
    EXPECT_TRUE(fate != Fate::AbandonedUnsent || !arrived.contains(number)) << number;
  }
}

class NoWedge : public ::testing::TestWithParam<uint64_t> {};

TEST_P(NoWedge, EveryMessageHasOneFateAndReliableOnesArrive) {
  const uint64_t seed = GetParam();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  Random random(seed);
  Exchange::Setup setup{.seed = seed};
  setup.interleaving = seed % 2 == 0;
  setup.receiver.window_bytes = random.chance(0.5) ? 2 << 20 : 64 << 10;
  setup.sender.outbox.limit_bytes = 4 << 20;
  const uint64_t control = random.between(0, 2);
  if (control != 0) {
    setup.sender.congestion = [control](const WindowOptions& window) {
      std::unique_ptr<CongestionControl> made = std::make_unique<NewReno>(window);
      if (control == 2) made = std::make_unique<Cubic>(window);
      return made;
    };
  }
  setup.receiver.sack_delay = random.chance(0.5) ? 0ms : 20ms;
  setup.receiver.sack_frequency = random.chance(0.5) ? 1 : 2;
  Exchange exchange(setup);

  const Life life = live(exchange, random);

  // A window of one packet doubles each round trip of 20 ms; what waits is 4 MB at most.
  EXPECT_TRUE(exchange.run_until([&] { return exchange.sender().is_idle(); }, 120s))
      << exchange.sender().outstanding().chunks() << " outstanding, "
      << exchange.sender().outbox().waiting_bytes() << " bytes waiting, window "
      << exchange.receiver().free_bytes();
  exchange.run_for(1s);
  EXPECT_EQ(exchange.receiver().reassembly().charged_bytes(), 0U) << "something is held for ever";
  EXPECT_GT(life.sent.size() + life.refused, 500U);
  check_fates(life, exchange);
}

INSTANTIATE_TEST_SUITE_P(Seeds, NoWedge, ::testing::ValuesIn(campaign_seeds(105, 20)));

}  // namespace
}  // namespace mayfly::sctp
