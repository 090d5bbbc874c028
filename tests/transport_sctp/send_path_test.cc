#include "transport/sctp/tx/send_path.h"

#include <gtest/gtest.h>

#include "transport/sctp/tx/cubic.h"
#include "transport/sctp/tx/new_reno.h"

namespace mayfly::sctp {
namespace {

constexpr size_t kPacket = 1000;
constexpr Timestamp kBegin(10s);
constexpr Duration kRto = 400ms;  // as long as nothing is measured
const UnwrappedTsn kFirst = UnwrappedTsn::first(Tsn(1));

template <class Control>
SendPath path_with(size_t packets) {
  const WindowOptions options{.mtu_bytes = kPacket, .initial_packets = packets};
  return {RttOptions{.rto_initial = kRto}, std::make_unique<Control>(options), kPacket, 10};
}

template <class Control>
class SendPathTest : public ::testing::Test {};
using Controls = ::testing::Types<NewReno, Cubic>;
TYPED_TEST_SUITE(SendPathTest, Controls);

TYPED_TEST(SendPathTest, FadesOnceForEachRtoWithoutTrafficHoweverLongThatIs) {  // RFC 9260 7.2.1
  const std::pair<Duration, size_t> left[] = {
      {kRto - 1us, 128}, {2 * kRto, 32}, {10 * kRto, 4}, {10 * kRto + 1us, 4}, {24h, 4}};
  for (const auto& [idle, packets] : left) {
    SendPath path = path_with<TypeParam>(128);
    path.on_chunk_sent(kPacket, false, 0, kBegin);
    path.on_chunk_sent(kPacket, false, 0, kBegin + idle);

    EXPECT_EQ(path.congestion().window(), packets * kPacket) << idle.count();
  }
}

TYPED_TEST(SendPathTest, HasItsWindowBackWhenAllProbesAndTheTimeoutWereMistakes) {
  SendPath path = path_with<TypeParam>(100);
  for (uint32_t i = 0; i < SendPath::kMaxProbes; ++i) {
    ASSERT_FALSE(path.on_missed(kFirst + 1, kBegin));
    path.on_lost(kFirst, kFirst + 1, kBegin);
  }
  ASSERT_TRUE(path.on_missed(kFirst + 1, kBegin));
  path.on_lost(kFirst, kFirst + 1, kBegin);
  ASSERT_EQ(path.congestion().window(), kPacket);

  path.on_spurious(kFirst, false, kBegin);

  EXPECT_EQ(path.congestion().window(), 100 * kPacket);
  EXPECT_FALSE(path.in_recovery());
}

TYPED_TEST(SendPathTest, KeepsItsReductionWhileOneOfTheLostIsNotShownToHaveArrived) {
  SendPath path = path_with<TypeParam>(100);
  path.on_lost(kFirst, kFirst + 2, kBegin);
  path.on_lost(kFirst + 1, kFirst + 2, kBegin);
  const size_t reduced = path.congestion().window();

  path.on_spurious(kFirst, false, kBegin);
  path.on_spurious(kFirst, false, kBegin);
  EXPECT_EQ(path.congestion().window(), reduced);
  path.on_spurious(kFirst + 1, false, kBegin);

  EXPECT_EQ(path.congestion().window(), 100 * kPacket);
}

TYPED_TEST(SendPathTest, GoesBackNoFurtherThanToTheBeginningOfTheLastRecovery) {
  SendPath path = path_with<TypeParam>(100);
  path.on_lost(kFirst, kFirst + 1, kBegin);
  path.on_cumulative(kFirst);
  const size_t between = path.congestion().window();
  path.on_lost(kFirst + 1, kFirst + 2, kBegin);

  path.on_spurious(kFirst + 1, false, kBegin);

  EXPECT_EQ(path.congestion().window(), between);
}

}  // namespace
}  // namespace mayfly::sctp
