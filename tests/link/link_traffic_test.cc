#include <gmock/gmock.h>

#include <algorithm>

#include "tests/kernel/binomial.h"
#include "tests/link/linked_program.h"

// What a link does to real programs' packets, told by ping and iperf3, which know nothing of it.
// The machine may be busy: a packet may be late, so bounds hold whatever the machine's speed, or
// only a machine that stands still for most of the time breaks them.
namespace mayfly::testing {
namespace {

using ::testing::Each;
using ::testing::Field;
using ::testing::Le;

constexpr double kError = 1e-6;  // how seldom chance alone breaks a binomial bound, at either side
constexpr int64_t kEchoBytes = 84;

std::vector<std::string> ping(int count, const std::string& interval) {
  return {
      "sh", "-c",
      "exec ping -i " + interval + " -W 3 -c " + std::to_string(count) + " $MAYFLY_LINK_SERVER"};
}

// iperf3 at both ends; what the client told.
std::vector<std::string> iperf(const std::string& spec, const std::string& options) {
  return {"--server", "iperf3 -s -1", "--ready",
          "tcp:5201", spec,           "--",
          "sh",       "-c",           "exec iperf3 --json " + options + " -c $MAYFLY_LINK_SERVER"};
}

class LinkTrafficTest : public LinkTest {
 protected:
  [[nodiscard]] Pings pinged(const std::string& spec, int count,
                             const std::string& interval) const {
    std::vector<std::string> words = {spec, "--"};
    const auto command = ping(count, interval);
    words.insert(words.end(), command.begin(), command.end());
    return pings_from(logged(words).standard_output);
  }
  [[nodiscard]] size_t echoes_with_fate(const std::string& direction,
                                        const std::string& fate) const {
    const auto packets = log();
    return static_cast<size_t>(
        std::count_if(packets.begin(), packets.end(), [&](const LoggedPacket& packet) {
          return packet.bytes == kEchoBytes && packet.direction == direction && packet.fate == fate;
        }));
  }
};

TEST_F(LinkTrafficTest, PingSeesTheDelayOfBothWays) {
  const Pings pings = pinged("up.delay=30ms,down.delay=50ms", 20, "0.02");

  EXPECT_EQ(pings.received(), 20U);
  // Never less. The quickest of twenty by less than the 80 ms that a way too many would add.
  EXPECT_GE(pings.least_ms, 80.0);
  EXPECT_LT(pings.least_ms, 140.0);
}

TEST_F(LinkTrafficTest, PingMissesWhatTheLossSaysAndTheLogHasTheSame) {
  constexpr int kCount = 800;
  const Pings pings = pinged("up.loss=10%,seed=3", kCount, "0.002");

  const auto [low, high] = binomial_range(kCount, 0.1, kError);
  EXPECT_EQ(pings.sent, static_cast<size_t>(kCount));
  const size_t missed = pings.sent - pings.received();
  EXPECT_GE(missed, low);
  EXPECT_LE(missed, high);
  EXPECT_EQ(echoes_with_fate("up", "lost"), missed);
  EXPECT_EQ(echoes_with_fate("up", "delivered"), pings.received());
  EXPECT_EQ(echoes_with_fate("down", "delivered"), pings.received());
}

TEST_F(LinkTrafficTest, PingMissesEchoesInBurstsOfTheLengthAsked) {
  constexpr int kCount = 2000;
  const Pings pings = pinged("up.loss=20%,up.burst=5,seed=5", kCount, "0.002");

  size_t bursts = 0;
  for (size_t i = 0; i < pings.answered.size(); ++i) {
    if (!pings.answered[i] && (i == 0 || pings.answered[i - 1])) ++bursts;
  }
  const double missed = static_cast<double>(pings.sent - pings.received());
  ASSERT_GT(bursts, 0U);
  // Some 80 bursts, geometric with mean 5: the mean deviates by 4.5/sqrt(80) = .5; five of them.
  // Independent losses would come in bursts of 1.25.
  EXPECT_NEAR(missed / static_cast<double>(bursts), 5.0, 2.5);
  // The share of bad time, in cycles of 25 packets of which 5 are bad: deviates by
  // .2 sqrt((20/25)^2 (1 + 1) / 80) = .025; five of them.
  EXPECT_NEAR(missed / kCount, 0.2, 0.13);
}

TEST_F(LinkTrafficTest, IperfLosesDatagramsAsOftenAsAsked) {
  const Exit exit = run(link(iperf("up.loss=5%,delay=5ms,seed=11", "-u -b 2M -l 200 -t 2")));

  ASSERT_EQ(exit.status, 0) << exit.standard_output << exit.standard_error;
  const auto sum = json_from(exit.standard_output)["end"]["sum"];
  ASSERT_TRUE(sum.is_object()) << exit.standard_output;
  const auto sent = sum["packets"].get<uint64_t>();
  const auto [low, high] = binomial_range(sent, 0.05, kError);
  EXPECT_GT(sent, 200U);
  EXPECT_GE(sum["lost_packets"].get<uint64_t>(), low);
  EXPECT_LE(sum["lost_packets"].get<uint64_t>(), high);
}

TEST_F(LinkTrafficTest, TcpFillsTheRateAndNoMore) {
  const Exit exit = logged(iperf("rate=8Mbit/s,delay=10ms,queue=200ms", "-C cubic -t 3"));

  ASSERT_EQ(exit.status, 0) << exit.standard_output << exit.standard_error;
  const auto end = json_from(exit.standard_output)["end"];
  EXPECT_EQ(end["sender_tcp_congestion"], "cubic");
  // A segment of 1448 bytes is a packet of 1500, so 7.72 Mbit/s at most; iperf3's own seconds are
  // its, hence the margin.
  const double received = end["sum_received"]["bits_per_second"].get<double>();
  EXPECT_LE(received, 8e6 * 1.05);
  EXPECT_GE(received, 2e6);
  // A packet that finds less than 200 ms of queue is taken, and needs 1.5 ms for itself.
  EXPECT_THAT(log(), Each(Field(&LoggedPacket::queued_us, Le(201'501))));
}

// In the log, which has the link's own time.
TEST_F(LinkTrafficTest, NothingArrivesFasterThanTheRate) {
  const Exit exit = logged(iperf("up.rate=4Mbit/s,up.queue=100ms", "-u -b 12M -l 1000 -t 2"));

  ASSERT_EQ(exit.status, 0) << exit.standard_output << exit.standard_error;
  const auto sum = json_from(exit.standard_output)["end"]["sum"];
  int64_t first_us = -1;
  int64_t bytes = 0;
  size_t dropped = 0;
  for (const LoggedPacket& packet : log()) {
    if (packet.direction != "up") continue;
    if (packet.fate == "queue-full") ++dropped;
    if (packet.fate != "delivered") continue;
    if (first_us < 0) first_us = packet.time_us;
    bytes += packet.bytes;
    // 4 Mbit/s: half a byte per microsecond, from when the first came.
    EXPECT_LE(bytes, (packet.arrival_us - first_us) / 2 + 1);
  }
  // Two thirds of the datagrams, where the machine sends them all.
  EXPECT_GT(dropped, 100U);
  EXPECT_GE(dropped, sum["lost_packets"].get<size_t>());
}

TEST_F(LinkTrafficTest, ATraceGivesItsRate) {
  // 1500 bytes every 5 ms: 2.4 Mbit/s.
  const Exit exit = logged(iperf("up.trace=5ms,up.queue=100ms", "-u -b 4M -l 1000 -t 2"));

  ASSERT_EQ(exit.status, 0) << exit.standard_output << exit.standard_error;
  int64_t bytes = 0;
  int64_t first_us = -1;
  for (const LoggedPacket& packet : log()) {
    if (packet.direction != "up" || packet.fate != "delivered") continue;
    if (first_us < 0) first_us = packet.arrival_us;
    bytes += packet.bytes;
    EXPECT_EQ(packet.arrival_us % 5000, 0) << "at an opportunity of the trace";
    EXPECT_LE(bytes, 1500 + (packet.arrival_us - first_us) / 5000 * 1500);
  }
  EXPECT_GT(bytes, 100'000);
}

TEST_F(LinkTrafficTest, NothingCrossesThatNoProgramSent) {
  const Exit exit = logged({"delay=1ms", "--", "true"});

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  EXPECT_TRUE(log().empty());
}

TEST_F(LinkTrafficTest, PacketsAreAsLargeAsTheMtuAllows) {
  const Exit exit = run(link({"--mtu", "1400", "", "--", "sh", "-c",
                              "ping -c 1 -M do -s 1372 $MAYFLY_LINK_SERVER && "
                              "! ping -c 1 -M do -s 1373 $MAYFLY_LINK_SERVER"}));

  EXPECT_EQ(exit.status, 0) << exit.standard_output << exit.standard_error;
}

}  // namespace
}  // namespace mayfly::testing
