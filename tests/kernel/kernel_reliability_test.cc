#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/kernel/binomial.h"
#include "tests/kernel/kernel_pair.h"
#include "tests/kernel/kernel_traffic.h"

// Partial reliability as it shows in what arrives and when, over a path that loses packets, and not
// in what an option says when it is read back.
//
// netem has no seed. Every range below is exact for its number of messages: chance alone breaks one
// of the ten bounds with a probability of less than 10^-7, so a false alarm comes in one of a
// million runs.
namespace mayfly {
namespace {

constexpr double kFalseAlarm = 1e-7;
// Linux keeps SCTP's deadlines in ticks of its clock: 10 ms in the guest.
constexpr Duration kTick = 10ms;

void expect_share(const KernelFlow& flow, double success) {
  const uint64_t on_the_wire = flow.sent() - flow.abandoned_unsent();
  const auto [low, high] = binomial_range(on_the_wire, success, kFalseAlarm);
  fmt::print("{}: {} of {} arrived; between {} and {} by {:.4f} each\n", flow.shape.name,
             flow.arrivals.size(), on_the_wire, low, high, success);
  EXPECT_GE(flow.arrivals.size(), low) << flow.shape.name;
  EXPECT_LE(flow.arrivals.size(), high) << flow.shape.name;
  EXPECT_EQ(flow.duplicates, 0U) << flow.shape.name;
}

// One chunk in each packet, or two would be lost together: their payload is more than half of one.
constexpr size_t kOneChunkInAPacket = 1100;

KernelFlow limited_to(uint32_t retransmissions) {
  return KernelFlow({.name = fmt::format("{} retransmissions", retransmissions),
                     .cable = 0,
                     .messages = 250,
                     .bytes = kOneChunkInAPacket,
                     .options = {.ordered = false, .max_retransmissions = retransmissions},
                     .most_buffered = 4 * kOneChunkInAPacket});
}

KernelFlow living(Duration lifetime) {
  return KernelFlow({.name = fmt::format("lifetime {} ms", lifetime / 1ms),
                     .cable = 1,
                     .messages = 250,
                     .bytes = 800,
                     .options = {.ordered = false, .lifetime = lifetime}});
}

// A message that may be sent K times more arrives unless all K + 1 packets are lost: a share of
// 1 - p^(K+1). With p = 20 % and 1000 messages the ranges of K = 0, 1 and 2 hold none of each
// other's expected values, so a limit that is off by one is noticed.
//
// Where the round trip is longer than the lifetime there is no second chance: a share of 1 - p of
// what was sent at all. Where it is eight times shorter there is, and more arrive. None arrives
// later than its lifetime, the way and two ticks after send(): one by which the deadline may be
// rounded up, one until the retransmission timer looks.
TEST(KernelReliabilityTest, SharesAndTimesOfArrivalAreThoseOfThePolicy) {
  constexpr double kLoss = 0.2;
  constexpr double kLifetimeLoss = 0.1;
  constexpr Duration kWay = 30ms;
  KernelFlow once = limited_to(0), twice = limited_to(1), thrice = limited_to(2);
  KernelFlow brief = living(40ms), longer = living(500ms);
  KernelTraffic traffic;
  for (KernelFlow* each : {&once, &twice, &thrice, &brief, &longer}) {
    ASSERT_TRUE(traffic.add(*each, 4));
  }
  TwoHosts::get().impair(0, {.delay = "5ms", .loss = "20%"});
  TwoHosts::get().impair(1, {.delay = "30ms", .loss = "10%"});

  ASSERT_TRUE(traffic.run(20ms, 120s));

  expect_share(once, 1 - kLoss);
  expect_share(twice, 1 - std::pow(kLoss, 2));
  expect_share(thrice, 1 - std::pow(kLoss, 3));
  expect_share(brief, 1 - kLifetimeLoss);
  const uint64_t on_the_wire = longer.sent() - longer.abandoned_unsent();
  const auto by_one_chance = binomial_range(on_the_wire, 1 - kLifetimeLoss, kFalseAlarm);
  fmt::print("{}: {} of {} arrived; more than {}\n", longer.shape.name, longer.arrivals.size(),
             on_the_wire, by_one_chance.second);
  EXPECT_GT(longer.arrivals.size(), by_one_chance.second);
  for (const KernelFlow* flow : {&brief, &longer}) {
    const Duration latest = *flow->shape.options.lifetime + kWay + 2 * kTick;
    Duration worst{};
    for (const KernelFlow::Arrival& each : flow->arrivals) {
      worst = std::max(worst, each.after - each.stalls);
      EXPECT_LE(each.after, latest + each.stalls) << flow->shape.name;
    }
    fmt::print("{}: the latest after {:.1f} ms of {:.1f} ms\n", flow->shape.name,
               to_milliseconds(worst), to_milliseconds(latest));
  }
}

// The kernel's own send buffer is full of what counts least, the path is cut: what counts more is
// taken all the same, and only what counts least is given up for it.
TEST(KernelReliabilityTest, TheKernelDiscardsTheLeastImportantForWhatCountsMore) {
  TransportOptions options;
  options.socket_send_buffer_bytes = 64 << 10;
  options.max_sent_message_bytes = 128 << 10;
  options.stack_backlog_bytes = 1 << 30;  // the kernel gets all it takes
  TwoHosts& hosts = TwoHosts::get();
  hosts.impair(0, {});
  KernelPair pair(options);
  const TransportAddress at{{TwoHosts::server_address(0, 9899)}};
  ASSERT_TRUE(pair.connect(
      at, at, [&](const auto& work) { hosts.on_server(work); },
      [&](const auto& work) { hosts.on_client(work); }));
  hosts.impair(0, {.loss = "100%"});
  constexpr uint64_t kLeast = 300;
  for (uint64_t i = 0; i < kLeast; ++i) {
    ASSERT_TRUE(pair.client->send(
        message_of(2, patterned(1000, 2)),
        {.ordered = false, .discard_priority = 9, .priority = 1, .id = MessageId(i)}));
  }
  ASSERT_GT(pair.client->stats().queued_bytes, 0U) << "the kernel's buffer is not full";

  constexpr uint64_t kMore = 20;
  for (uint64_t i = 0; i < kMore; ++i) {
    ASSERT_TRUE(pair.client->send(
        message_of(3, patterned(1000, 3)),
        {.ordered = false, .discard_priority = 3, .priority = 0, .id = MessageId(1000 + i)}));
  }
  pair.run_for(300ms);  // several turns of the pump
  const auto counters = pair.client->stats().streams;
  hosts.impair(0, {});

  const auto arrived_on = [&](uint16_t stream) {
    return static_cast<uint64_t>(
        std::count_if(pair.server_told.messages.begin(), pair.server_told.messages.end(),
                      [&](const Message& each) { return each.stream == StreamId(stream); }));
  };
  EXPECT_TRUE(pair.run_until([&] { return arrived_on(3) == kMore; }, 10s));
  const auto discarded = [](const StreamStats& each) {
    return each.abandoned_unsent + each.abandoned_sent;
  };
  fmt::print("discarded {} of the least important, {} of the others\n",
             discarded(counters.at(StreamId(2))), discarded(counters.at(StreamId(3))));
  EXPECT_GE(discarded(counters.at(StreamId(2))), kMore / 2);
  EXPECT_EQ(discarded(counters.at(StreamId(3))), 0U);
  EXPECT_TRUE(pair.run_until([&] { return pair.client->buffered_bytes() == 0; }, 20s));
  EXPECT_LT(arrived_on(2), kLeast);
}

}  // namespace
}  // namespace mayfly
