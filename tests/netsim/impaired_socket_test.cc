#include "netsim/impaired_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "netsim/simulated_network.h"

namespace mayfly {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using Arrivals = std::vector<std::pair<Duration, std::string>>;

// An impaired socket and a plain one, on a network that is perfect by itself.
class ImpairedSocketTest : public testing::Test {
 protected:
  void impair(const PathModel& path, size_t max_held_bytes = ImpairedSocket::kMaxHeldBytes) {
    impaired_ = std::make_unique<ImpairedSocket>(network_.bind(near_), path, simulation_,
                                                 simulation_, max_held_bytes);
    record(*impaired_, at_impaired_);
  }
  void record(PacketSocket& socket, Arrivals& into) {
    socket.set_receiver([this, &into](const IpEndpoint&, ByteView packet) {
      into.emplace_back(simulation_.now() - start_, as_text(packet));
    });
  }
  void SetUp() override { record(*plain_, at_plain_); }

  const IpEndpoint near_ = IpEndpoint::v4({10, 0, 0, 1}, 1);
  const IpEndpoint far_ = IpEndpoint::v4({10, 0, 0, 2}, 2);
  Simulation simulation_;
  const Timestamp start_ = simulation_.now();
  SimulatedNetwork network_{simulation_, 1};
  std::unique_ptr<PacketSocket> plain_ = network_.bind(far_);
  std::unique_ptr<ImpairedSocket> impaired_;
  Arrivals at_plain_;
  Arrivals at_impaired_;
};

TEST_F(ImpairedSocketTest, DelaysEachDirectionByItsOwnLink) {
  impair({.up = {.delay = 20ms}, .down = {.delay = 30ms}});

  impaired_->send(far_, as_bytes("up"));
  plain_->send(near_, as_bytes("down"));
  simulation_.run_for(1s);

  EXPECT_THAT(at_plain_, ElementsAre(Pair(20ms, "up")));
  EXPECT_THAT(at_impaired_, ElementsAre(Pair(30ms, "down")));
}

TEST_F(ImpairedSocketTest, PassesPacketsAtOnceOnAPerfectPath) {
  impair({});

  impaired_->send(far_, as_bytes("up"));
  plain_->send(near_, as_bytes("down"));
  simulation_.run_for(0ms);

  EXPECT_THAT(at_plain_, ElementsAre(Pair(0ms, "up")));
  EXPECT_THAT(at_impaired_, ElementsAre(Pair(0ms, "down")));
}

TEST_F(ImpairedSocketTest, LosesExactlyThePattern) {
  impair({.up = {.loss = PatternLoss{{false, true}}, .delay = 1ms},
          .down = {.loss = PatternLoss{{true, false}}}});

  for (const char* text : {"0", "1", "2", "3"}) {
    impaired_->send(far_, as_bytes(text));
    plain_->send(near_, as_bytes(text));
  }
  simulation_.run_for(1s);

  EXPECT_THAT(at_plain_, ElementsAre(Pair(1ms, "0"), Pair(1ms, "2")));
  EXPECT_THAT(at_impaired_, ElementsAre(Pair(0ms, "1"), Pair(0ms, "3")));
}

TEST_F(ImpairedSocketTest, KeepsPacketsOfOneMomentInOrder) {
  impair({.up = {.delay = 5ms}});

  for (const char* text : {"a", "b", "c", "d"}) impaired_->send(far_, as_bytes(text));
  simulation_.run_for(1s);

  EXPECT_THAT(at_plain_,
              ElementsAre(Pair(5ms, "a"), Pair(5ms, "b"), Pair(5ms, "c"), Pair(5ms, "d")));
}

TEST_F(ImpairedSocketTest, LetsAnEarlierArrivalOvertakeTheOneItWaitsFor) {
  impair({.up = {.jitter = 50ms, .reorder = true}});

  for (int i = 0; i < 100; ++i) impaired_->send(far_, as_bytes("x"));
  simulation_.run_for(1s);

  ASSERT_EQ(at_plain_.size(), 100U);
  EXPECT_TRUE(std::is_sorted(at_plain_.begin(), at_plain_.end()));
  EXPECT_LT(at_plain_.front().first, 10ms);
  EXPECT_GT(at_plain_.back().first, 40ms);
}

TEST_F(ImpairedSocketTest, SpacesPacketsByTheRateWithTheirHeaders) {
  // 72 bytes and 28 of UDP and IPv4: 100 bytes, 1 ms at 800 kbit/s.
  impair({.up = {.capacity = DataRate::bits_per_second(800'000)}});

  for (int i = 0; i < 3; ++i) impaired_->send(far_, Bytes(72));
  simulation_.run_for(1s);

  ASSERT_EQ(at_plain_.size(), 3U);
  EXPECT_EQ(at_plain_[0].first, 1ms);
  EXPECT_EQ(at_plain_[2].first, 3ms);
}

TEST_F(ImpairedSocketTest, CountsTheFateOfPacketsInEachDirection) {
  impair({.up = {.loss = PatternLoss{{true, false, false}}},
          .down = {.capacity = DataRate::bits_per_second(1000), .queue = 0ms}});

  for (int i = 0; i < 3; ++i) {
    impaired_->send(far_, as_bytes("u"));
    plain_->send(near_, as_bytes("d"));
  }
  simulation_.run_for(1s);

  const ImpairedSocketStats stats = impaired_->stats();
  EXPECT_EQ(stats.up.offered, 3U);
  EXPECT_EQ(stats.up.lost, 1U);
  EXPECT_EQ(stats.up.delivered, 2U);
  EXPECT_EQ(stats.down.dropped_by_queue, 2U);
  EXPECT_EQ(stats.down.delivered, 1U);
  EXPECT_EQ(stats.dropped_by_bound, 0U);
}

TEST_F(ImpairedSocketTest, HoldsNoMoreThanItsBound) {
  impair({.up = {.delay = 1s}}, 2000);  // half of it for each direction

  for (int i = 0; i < 15; ++i) impaired_->send(far_, Bytes(100));
  simulation_.run_for(2s);

  EXPECT_EQ(at_plain_.size(), 10U);
  EXPECT_EQ(impaired_->stats().dropped_by_bound, 5U);
}

TEST_F(ImpairedSocketTest, DeliversASecondCopyOfADuplicatedPacket) {
  impair({.up = {.delay = 2ms, .duplicate = 1}});

  impaired_->send(far_, as_bytes("twice"));
  simulation_.run_for(1s);

  EXPECT_THAT(at_plain_, ElementsAre(Pair(2ms, "twice"), Pair(2ms, "twice")));
}

TEST_F(ImpairedSocketTest, LetsGoOfWhatIsOnItsWayUpWhenItIsDestroyed) {
  impair({.up = {.delay = 20ms}, .down = {.delay = 20ms}});
  impaired_->send(far_, as_bytes("goodbye"));
  plain_->send(near_, as_bytes("too late"));
  simulation_.run_for(1ms);

  impaired_.reset();
  simulation_.run_for(1s);

  EXPECT_THAT(at_plain_, ElementsAre(Pair(1ms, "goodbye")));
  EXPECT_THAT(at_impaired_, IsEmpty());
}

TEST_F(ImpairedSocketTest, LetsAReceiverDestroyItBetweenPackets) {
  for (const Duration delay : {0ms, 5ms}) {
    impair({.down = {.delay = delay}});
    int received = 0;
    impaired_->set_receiver([&](const IpEndpoint&, ByteView) {
      ++received;
      impaired_.reset();
    });

    for (int i = 0; i < 3; ++i) plain_->send(near_, as_bytes("x"));
    simulation_.run_for(1s);

    EXPECT_EQ(received, 1);
  }
}

TEST_F(ImpairedSocketTest, StopsReceptionWithAnEmptyReceiver) {
  impair({.down = {.delay = 5ms}});
  plain_->send(near_, as_bytes("on its way"));
  simulation_.run_for(1ms);

  impaired_->set_receiver({});
  plain_->send(near_, as_bytes("after"));
  simulation_.run_for(1s);

  EXPECT_THAT(at_impaired_, IsEmpty());
}

TEST_F(ImpairedSocketTest, IsOtherwiseTheSocketBeneath) {
  impair({});

  EXPECT_EQ(impaired_->local(), near_);
  EXPECT_EQ(impaired_->max_packet_bytes(), plain_->max_packet_bytes());
}

}  // namespace
}  // namespace mayfly
