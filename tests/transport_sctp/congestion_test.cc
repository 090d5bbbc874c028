#include <gtest/gtest.h>

#include <cmath>

#include "transport/sctp/tx/cubic.h"
#include "transport/sctp/tx/new_reno.h"
#include "transport/sctp/tx/pacer.h"
#include "transport/sctp/tx/rtt_estimator.h"

namespace mayfly::sctp {
namespace {

constexpr size_t kMtu = 1000;
constexpr Timestamp kStart(10s);

CongestionControl::Ack full_ack(const CongestionControl& control, size_t bytes,
                                Timestamp now = kStart, Duration rtt = 100ms) {
  return {.now = now, .bytes = bytes, .flight_before = control.window(), .smoothed_rtt = rtt};
}

// A window's worth of acknowledgements, a packet each.
void acknowledge_a_round(CongestionControl& control, Timestamp now, Duration rtt = 100ms) {
  const size_t packets = control.window() / kMtu;
  for (size_t i = 0; i < packets; ++i) {
    control.on_ack(full_ack(control, kMtu, now + rtt * i / packets, rtt));
  }
}

TEST(NewRenoTest, DoublesEachRoundTripInSlowStart) {  // RFC 9260 7.2.1
  NewReno control({.mtu_bytes = kMtu, .initial_packets = 10});

  EXPECT_EQ(control.window(), 10 * kMtu);
  acknowledge_a_round(control, kStart);
  EXPECT_EQ(control.window(), 20 * kMtu);
}

TEST(NewRenoTest, GrowsByNoMoreThanAPacketForEachAcknowledgement) {  // 7.2.1
  NewReno control({.mtu_bytes = kMtu, .initial_packets = 10});

  control.on_ack(full_ack(control, 5 * kMtu));

  EXPECT_EQ(control.window(), 11 * kMtu);
}

TEST(NewRenoTest, DoesNotGrowWhenTheWindowIsNotUsed) {  // 7.2.1, 7.2.2
  NewReno control({.mtu_bytes = kMtu, .initial_packets = 10});

  control.on_ack({.now = kStart, .bytes = kMtu, .flight_before = 9 * kMtu});

  EXPECT_EQ(control.window(), 10 * kMtu);
}

TEST(NewRenoTest, HalvesOnLossAndThenGrowsAPacketEachRoundTrip) {  // 7.2.2, 7.2.3
  NewReno control({.mtu_bytes = kMtu, .initial_packets = 40});

  control.on_loss(kStart);
  EXPECT_EQ(control.window(), 20 * kMtu);
  control.on_ack(full_ack(control, kMtu));  // at the threshold: still slow start
  ASSERT_EQ(control.window(), 21 * kMtu);
  acknowledge_a_round(control, kStart);
  EXPECT_EQ(control.window(), 22 * kMtu);
}

TEST(NewRenoTest, KeepsFourPacketsAfterALossAndOneAfterATimeout) {  // 7.2.3
  NewReno control({.mtu_bytes = kMtu, .initial_packets = 4});

  control.on_loss(kStart);
  EXPECT_EQ(control.window(), 4 * kMtu);
  control.on_timeout(kStart);
  EXPECT_EQ(control.window(), kMtu);
  EXPECT_TRUE(control.in_slow_start());
}

TEST(NewRenoTest, GoesBackWhenALossWasNone) {
  NewReno control({.mtu_bytes = kMtu, .initial_packets = 40});
  control.remember();
  control.on_loss(kStart);

  control.on_spurious_loss();

  EXPECT_EQ(control.window(), 40 * kMtu);
}

TEST(NewRenoTest, FadesWhileIdleDownToFourPackets) {  // 7.2.1
  NewReno control({.mtu_bytes = kMtu, .initial_packets = 10});

  control.on_idle();
  EXPECT_EQ(control.window(), 5 * kMtu);
  control.on_idle();
  control.on_idle();
  EXPECT_EQ(control.window(), 4 * kMtu);
}

TEST(CubicTest, ReducesToSevenTenthsAndComesBackAfterK) {  // RFC 9438 4.2, 4.6
  Cubic control({.mtu_bytes = kMtu, .initial_packets = 1000});

  control.on_loss(kStart);
  EXPECT_EQ(control.window(), 700 * kMtu);
  // K = cbrt((1000 - 700) / 0.4) = 9.09 s; until then it stays below what it lost at, and gets
  // there within a round trip of it.
  const double k = Cubic::cubic_k(1000, 700);
  EXPECT_NEAR(k, std::cbrt(750.0), 1e-9);
  Timestamp now = kStart;
  for (; to_seconds(now - kStart) < k - 0.5; now += 100ms) acknowledge_a_round(control, now);
  EXPECT_LT(control.window(), 1000 * kMtu);
  for (; to_seconds(now - kStart) < k + 0.5; now += 100ms) acknowledge_a_round(control, now);
  EXPECT_NEAR(static_cast<double>(control.window()), 1000.0 * kMtu, 5.0 * kMtu);
}

TEST(CubicTest, FollowsItsCurve) {  // RFC 9438 figure 1
  Cubic control({.mtu_bytes = kMtu, .initial_packets = 1000});
  control.on_loss(kStart);
  const double k = Cubic::cubic_k(1000, 700);

  for (Timestamp now = kStart; now < kStart + 15s; now += 100ms) {
    acknowledge_a_round(control, now);
    const double seconds = to_seconds(now - kStart) + 0.1;
    // The target is a round trip ahead, and reached at the end of the round.
    EXPECT_NEAR(static_cast<double>(control.window()) / kMtu, Cubic::cubic_window(seconds, 1000, k),
                6)
        << seconds;
  }
}

TEST(CubicTest, IsAsFriendlyAsRenoWhereWindowsAreSmall) {  // RFC 9438 4.3
  Cubic control({.mtu_bytes = kMtu, .initial_packets = 20});
  control.on_loss(kStart);
  ASSERT_EQ(control.window(), 14 * kMtu);

  Timestamp now = kStart;
  for (int round = 0; round < 10; ++round, now += 10ms) {
    acknowledge_a_round(control, now, 10ms);
  }

  // Reno-friendly: alpha = 3 * 0.3 / 1.7 = 0.53 packets each round trip; the cubic curve would have
  // gone from 14 to 0.4 * (0.1 - 2.47)^3 + 20 = 14.7 in 100 ms.
  EXPECT_NEAR(static_cast<double>(control.window()) / kMtu, 14 + 10 * 0.53, 0.6);
}

TEST(CubicTest, MakesRoomWhenItPeaksLower) {  // RFC 9438 4.7
  Cubic control({.mtu_bytes = kMtu, .initial_packets = 1000});
  control.on_loss(kStart);  // W_max 1000, window 700
  control.on_loss(kStart);  // below W_max: W_max = 700 * 0.85 = 595, window 490

  const double k = Cubic::cubic_k(595, 490);
  Timestamp now = kStart;
  for (; to_seconds(now - kStart) < k; now += 100ms) acknowledge_a_round(control, now);

  EXPECT_NEAR(static_cast<double>(control.window()) / kMtu, 595, 3);
}

TEST(PacerTest, LetsABurstGoAndThenKeepsTheRate) {
  Pacer pacer(10 * kMtu);
  pacer.set_rate(DataRate::bits_per_second(8'000'000));  // a packet each millisecond

  int sent = 0;
  for (Timestamp now = kStart; now < kStart + 100ms; now += 100us) {
    while (pacer.next_send() <= now) {
      pacer.on_sent(kMtu, now);
      ++sent;
    }
  }

  EXPECT_NEAR(sent, 110, 1);
}

TEST(PacerTest, KeepsARateAtWhichAPacketTakesLessThanAMicrosecond) {
  Pacer pacer(10 * kMtu);
  pacer.set_rate(DataRate::bits_per_second(20'000'000'000));

  size_t sent = 0;
  for (Timestamp now = kStart; now < kStart + 100ms; now += 10us) {
    while (pacer.next_send() <= now) {
      pacer.on_sent(kMtu, now);
      sent += kMtu;
    }
  }

  constexpr size_t kExpected = 250'000'000;  // in 100 ms
  EXPECT_NEAR(static_cast<double>(sent), kExpected, 0.01 * kExpected);
}

TEST(PacerTest, LetsGoAMillisecondsWorthAtOnceWhereThatIsMoreThanABurst) {
  Pacer pacer(10 * kMtu);
  pacer.set_rate(DataRate::bits_per_second(800'000'000));

  size_t sent = 0;
  while (pacer.next_send() <= kStart) {
    pacer.on_sent(kMtu, kStart);
    sent += kMtu;
  }

  EXPECT_NEAR(static_cast<double>(sent), 100'000, 2 * kMtu);
}

TEST(RttEstimatorTest, FollowsTheRfc) {  // RFC 9260 6.3.1
  RttEstimator rtt({.rto_initial = 500ms, .rto_min = 1ms, .rto_max = 60s});
  EXPECT_EQ(rtt.retransmission_timeout(), 500ms);

  rtt.sample(100ms, kStart);
  EXPECT_EQ(rtt.smoothed(), 100ms);
  EXPECT_EQ(rtt.variation(), 50ms);
  EXPECT_EQ(rtt.retransmission_timeout(), 300ms);
  rtt.sample(140ms, kStart);
  EXPECT_EQ(rtt.variation(), 47'500us);  // 3/4 * 50 + 1/4 * |100 - 140|
  EXPECT_EQ(rtt.smoothed(), 105ms);      // 7/8 * 100 + 1/8 * 140
}

TEST(RttEstimatorTest, StaysBetweenItsFloorAndItsCeiling) {
  RttEstimator rtt({.rto_initial = 500ms, .rto_min = 100ms, .rto_max = 400ms});

  for (int i = 0; i < 50; ++i) rtt.sample(10ms, kStart);
  EXPECT_EQ(rtt.retransmission_timeout(), 100ms);
  EXPECT_NEAR(to_milliseconds(rtt.probe_timeout()), 11, 0.5);
  for (int i = 0; i < 50; ++i) rtt.sample(i % 2 == 0 ? 100ms : 900ms, kStart);
  EXPECT_EQ(rtt.retransmission_timeout(), 400ms);
}

}  // namespace
}  // namespace mayfly::sctp
