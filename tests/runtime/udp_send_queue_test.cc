#include "runtime/udp_send_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/udp.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <numeric>
#include <optional>

namespace mayfly {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Family = IpEndpoint::Family;

uint16_t segment_bytes_of(const msghdr& message) {
  const cmsghdr* control = CMSG_FIRSTHDR(&message);
  if (control == nullptr || control->cmsg_type != UDP_SEGMENT) return 0;
  uint16_t bytes = 0;
  std::memcpy(&bytes, CMSG_DATA(control), sizeof(bytes));
  return bytes;
}

// Takes messages apart as the kernel would, and refuses what it is told to refuse.
class FakeKernel {
 public:
  struct Packet {
    IpEndpoint to;
    Bytes bytes;
    friend bool operator==(const Packet&, const Packet&) = default;
  };

  // The outcome of the next call: so many messages taken at most, or the error.
  void next_call(int outcome) { outcomes_.push_back(outcome); }
  // Segmented messages are refused with this from now on.
  void refuse_segmented(int error_number) { refuses_segmented_ = error_number; }

  int send(std::span<mmsghdr> messages) {
    int limit = static_cast<int>(messages.size());
    if (!outcomes_.empty()) {
      const int outcome = outcomes_.front();
      outcomes_.pop_front();
      if (outcome <= 0) return outcome;
      limit = std::min(limit, outcome);
    }
    for (int taken = 0; taken < limit; ++taken) {
      const msghdr& message = messages[static_cast<size_t>(taken)].msg_hdr;
      if (segment_bytes_of(message) != 0 && refuses_segmented_ != 0) {
        return taken > 0 ? taken : -refuses_segmented_;
      }
      take(message);
    }
    return limit;
  }

  std::vector<Packet> packets;
  std::vector<size_t> runs;  // packets of each message, in order

 private:
  void take(const msghdr& message) {
    sockaddr_storage storage{};
    std::memcpy(&storage, message.msg_name, message.msg_namelen);
    const IpEndpoint to = *ip_endpoint(storage);
    ByteView rest(static_cast<const std::byte*>(message.msg_iov->iov_base),
                  message.msg_iov->iov_len);
    ASSERT_LE(rest.size(), 65'507U);
    const size_t segment = segment_bytes_of(message) == 0 ? rest.size() : segment_bytes_of(message);
    runs.push_back(0);
    while (!rest.empty()) {
      const ByteView packet = rest.first(std::min(segment, rest.size()));
      packets.push_back({to, Bytes(packet.begin(), packet.end())});
      rest = rest.subspan(packet.size());
      ++runs.back();
    }
    ASSERT_LE(runs.back(), 64U);
  }

  std::deque<int> outcomes_;
  int refuses_segmented_ = 0;
};

class UdpSendQueueTest : public testing::Test {
 protected:
  UdpSendQueue queue(const UdpSocketOptions& options = {}) {
    return UdpSendQueue(Family::V4, options, stats_,
                        [this](std::span<mmsghdr> messages) { return kernel_.send(messages); });
  }
  // Pushes packets of these sizes, and remembers them.
  void push(UdpSendQueue& queue, const std::vector<size_t>& sizes) {
    for (const size_t size : sizes) {
      pushed_.push_back({a_, Bytes(size, static_cast<std::byte>(pushed_.size()))});
      queue.push(a_, pushed_.back().bytes);
    }
  }

  const IpEndpoint a_ = IpEndpoint::v4({10, 0, 0, 1}, 1);
  const IpEndpoint b_ = IpEndpoint::v4({10, 0, 0, 2}, 2);
  UdpSocketStats stats_;
  FakeKernel kernel_;
  std::vector<FakeKernel::Packet> pushed_;
};

TEST_F(UdpSendQueueTest, SendsRunsOfEqualSizeOfWhichTheLastMayBeShorter) {
  auto queue = this->queue();

  push(queue, {1200, 1200, 1200, 300, 300, 1200, 900, 1000});
  EXPECT_TRUE(queue.flush());

  EXPECT_THAT(kernel_.runs, ElementsAre(4, 1, 2, 1));
  EXPECT_EQ(kernel_.packets, pushed_);
  EXPECT_EQ(stats_.segmented_runs, 2U);
  EXPECT_EQ(stats_.send_calls, 1U);
  EXPECT_TRUE(queue.empty());
}

TEST_F(UdpSendQueueTest, EndsARunWhereTheDestinationChanges) {
  auto queue = this->queue();
  const Bytes packet(100);

  for (const IpEndpoint& to : {a_, a_, b_, b_, b_, a_}) queue.push(to, packet);
  EXPECT_TRUE(queue.flush());

  EXPECT_THAT(kernel_.runs, ElementsAre(2, 3, 1));
  EXPECT_EQ(kernel_.packets[2].to, b_);
  EXPECT_EQ(kernel_.packets[5].to, a_);
}

TEST_F(UdpSendQueueTest, BoundsARunByWhatTheKernelSegmentsAndADatagramCarries) {
  auto queue = this->queue();

  push(queue, std::vector<size_t>(100, 100));
  EXPECT_TRUE(queue.flush());
  EXPECT_THAT(kernel_.runs, ElementsAre(64, 36));

  kernel_.runs.clear();
  push(queue, std::vector<size_t>(60, 1452));  // 45 of them are 65,340 bytes
  EXPECT_TRUE(queue.flush());
  EXPECT_THAT(kernel_.runs, ElementsAre(45, 15));
}

TEST_F(UdpSendQueueTest, SendsOneByOneWithoutOffload) {
  auto queue = this->queue({.segmentation_offload = false});

  push(queue, std::vector<size_t>(70, 1200));
  EXPECT_TRUE(queue.flush());

  EXPECT_THAT(kernel_.runs, testing::Each(1));
  EXPECT_EQ(kernel_.packets, pushed_);
  EXPECT_EQ(stats_.send_calls, 2U);  // 64 messages each
}

TEST_F(UdpSendQueueTest, KeepsTheRestInOrderWhileTheKernelTakesNoMore) {
  auto queue = this->queue();
  push(queue, {100, 200, 300});
  kernel_.next_call(1);
  kernel_.next_call(-EAGAIN);

  EXPECT_FALSE(queue.flush());
  EXPECT_EQ(kernel_.packets.size(), 1U);
  push(queue, {400});
  EXPECT_TRUE(queue.flush());

  EXPECT_EQ(kernel_.packets, pushed_);
  EXPECT_EQ(stats_.packets_sent, 4U);
}

TEST_F(UdpSendQueueTest, CountsOnlyWhatWaitsWhereItNeverRunsDry) {
  auto queue = this->queue({.segmentation_offload = false, .queue_bytes = 10'000});
  push(queue, {1000, 1000});
  for (int i = 0; i < 100; ++i) {
    push(queue, {1000});
    kernel_.next_call(1);
    kernel_.next_call(-EAGAIN);
    EXPECT_FALSE(queue.flush());
  }
  EXPECT_TRUE(queue.flush());

  EXPECT_EQ(kernel_.packets, pushed_);
  EXPECT_EQ(stats_.packets_dropped, 0U);
}

TEST_F(UdpSendQueueTest, TriesAgainWhenASignalInterrupts) {
  auto queue = this->queue();
  push(queue, {100});
  kernel_.next_call(-EINTR);

  EXPECT_TRUE(queue.flush());

  EXPECT_EQ(kernel_.packets, pushed_);
}

TEST_F(UdpSendQueueTest, SendsARefusedRunOneByOneAndSegmentsLaterOnes) {
  auto queue = this->queue();
  push(queue, {100, 100, 100});
  kernel_.next_call(-EINVAL);  // as when a packet is larger than the way allows

  EXPECT_TRUE(queue.flush());
  push(queue, {100, 100});
  EXPECT_TRUE(queue.flush());

  EXPECT_THAT(kernel_.runs, ElementsAre(1, 1, 1, 2));
  EXPECT_EQ(kernel_.packets, pushed_);
  EXPECT_EQ(stats_.packets_dropped, 0U);
}

TEST_F(UdpSendQueueTest, SegmentsNoMoreOnADeviceThatCannot) {
  auto queue = this->queue();
  kernel_.refuse_segmented(EIO);
  push(queue, {100, 100, 50, 200, 200});

  EXPECT_TRUE(queue.flush());
  push(queue, {100, 100});
  EXPECT_TRUE(queue.flush());

  EXPECT_THAT(kernel_.runs, testing::Each(1));
  EXPECT_EQ(kernel_.packets, pushed_);
}

TEST_F(UdpSendQueueTest, LosesTheOnePacketThatIsRefused) {
  auto queue = this->queue();
  push(queue, {100, 200, 300});
  kernel_.next_call(1);
  kernel_.next_call(-EHOSTUNREACH);

  EXPECT_TRUE(queue.flush());

  EXPECT_EQ(kernel_.packets.size(), 2U);
  EXPECT_EQ(kernel_.packets[1], pushed_[2]);
  EXPECT_EQ(stats_.packets_dropped, 1U);
  EXPECT_EQ(stats_.packets_sent, 2U);
}

TEST_F(UdpSendQueueTest, TakesNoMoreThanItsBoundUntilItHasDrained) {
  auto queue = this->queue({.queue_bytes = 1000});
  const Bytes packet(300);
  for (int i = 0; i < 5; ++i) queue.push(a_, packet);
  EXPECT_EQ(stats_.packets_dropped, 2U);

  EXPECT_TRUE(queue.flush());
  queue.push(a_, packet);
  EXPECT_TRUE(queue.flush());

  EXPECT_EQ(kernel_.packets.size(), 4U);
}

TEST_F(UdpSendQueueTest, TakesNothingItCannotSend) {
  auto queue = this->queue();

  queue.push(IpEndpoint::any_v6(1), Bytes(10));
  queue.push(a_, Bytes(65'508));
  queue.push(a_, Bytes());

  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(stats_.packets_dropped, 3U);
}

// Whatever the sizes, the destinations, and what the kernel does in between: each packet leaves
// once, whole, and in order.
RC_GTEST_PROP(UdpSendQueueProperty, SendsEveryPacketOnceWholeAndInOrder, ()) {
  UdpSocketStats stats;
  FakeKernel kernel;
  UdpSendQueue queue(Family::V6, {.segmentation_offload = *rc::gen::arbitrary<bool>()}, stats,
                     [&](std::span<mmsghdr> messages) { return kernel.send(messages); });
  if (*rc::gen::arbitrary<bool>()) kernel.refuse_segmented(*rc::gen::element(EIO, EINVAL));
  for (int i = *rc::gen::inRange(0, 10); i > 0; --i) {
    kernel.next_call(*rc::gen::element(1, 2, 5, -EAGAIN, -EINTR));
  }
  std::vector<FakeKernel::Packet> pushed;
  for (int i = *rc::gen::inRange(0, 100); i > 0; --i) {
    const IpEndpoint to = IpEndpoint::v4({10, 0, 0, *rc::gen::inRange<uint8_t>(1, 3)}, 1);
    pushed.push_back(
        {to, Bytes(*rc::gen::element(100U, 1200U, 1452U), static_cast<std::byte>(pushed.size()))});
    queue.push(to, pushed.back().bytes);
    if (*rc::gen::inRange(0, 20) == 0) (void)queue.flush();
  }

  int tries = 0;
  while (!queue.flush()) RC_ASSERT(++tries < 20);

  RC_ASSERT((kernel.packets == pushed));
  RC_ASSERT(stats.packets_sent == pushed.size());
  RC_ASSERT(stats.packets_dropped == 0U);
}

}  // namespace
}  // namespace mayfly
