#include <array>

#include "tests/kernel/interoperation.h"

namespace mayfly {
namespace {

// So much longer than what lives on the expiring stream that nothing of it can be known to be lost
// while it lives, so that no chunk of it may leave twice, on a machine that stands still now and
// then neither.
constexpr const char* kDelay = "60ms 5ms";  // each way; the jitter reorders
constexpr Duration kLifetime = 60ms;

// Around the sizes at which chunks and packets are full.
constexpr std::array<size_t, 16> kSizes = {1,    3,    4,    5,    100,  1000,  1200,  1223,
                                           1224, 1225, 1226, 2448, 2449, 5'000, 9'999, 20'000};
constexpr uint32_t kRounds = 64;

// The engine and the kernel, over a path that loses and reorders.
class EngineInteroperationTest : public InteroperationTest {
 protected:
  // A message of many sizes and one that may expire, each way, each 10 ms.
  void exchange() {
    for (uint32_t i = 0; i < kRounds; ++i) {
      for (Association* each : {client_.get(), server_.get()}) {
        if (i % 4 == 0) {
          const size_t bytes = kSizes.at(i / 4);
          ASSERT_TRUE(each->send(message_of(kReliable, patterned(bytes, i)), {}));
        }
        ASSERT_TRUE(each->send(message_of(kExpiring, patterned(1000, i)),
                               {.ordered = false, .lifetime = kLifetime, .id = MessageId(i)}));
      }
      (void)loop_.run_until([] { return false; }, 10ms);
    }
  }
  // Everything reliable, whole and in order.
  static void expect_all(const RecordingObserver& told) {
    uint32_t next = 0;
    for (const Message& each : told.messages) {
      if (each.stream != StreamId(kReliable)) continue;
      ASSERT_LT(next, kSizes.size());
      EXPECT_EQ(each.payload, patterned(kSizes.at(next), 4 * next));
      ++next;
    }
    EXPECT_EQ(next, kSizes.size());
  }
  // Each message of the engine has a fate: it was given up, or it came.
  [[nodiscard]] bool is_each_accounted_for() const {
    const bool engine_serves = !GetParam().kernel_listens;
    const RecordingObserver& engine = engine_serves ? server_told_ : client_told_;
    const RecordingObserver& kernel = engine_serves ? client_told_ : server_told_;
    return engine.abandoned.size() + count_on(kernel, kExpiring) >= kRounds;
  }
  [[nodiscard]] bool is_done() const {
    return count_on(client_told_, kReliable) == kSizes.size() &&
           count_on(server_told_, kReliable) == kSizes.size() && client_->buffered_bytes() == 0 &&
           server_->buffered_bytes() == 0 && is_each_accounted_for();
  }
};

TEST_P(EngineInteroperationTest, LosesNothingReliableAndKeepsLifetimesAndEndsInGoodOrder) {
  hosts_.impair(0, {.delay = kDelay});  // from the first round trip that is measured
  ASSERT_NO_FATAL_FAILURE(connect({.shutdown_limit = 20s}));
  hosts_.impair(0, {.delay = kDelay, .loss = GetParam().loss});

  ASSERT_NO_FATAL_FAILURE(exchange());
  ASSERT_TRUE(loop_.run_until([this] { return is_done(); }, 60s))
      << "reliable: " << count_on(client_told_, kReliable) << " and "
      << count_on(server_told_, kReliable) << " of " << kSizes.size()
      << ", buffered: " << client_->buffered_bytes() << " and " << server_->buffered_bytes();

  expect_all(client_told_);
  expect_all(server_told_);
  // The first go out with an empty window, each with three chances in four at least.
  EXPECT_GT(count_on(client_told_, kExpiring), 0U);
  EXPECT_GT(count_on(server_told_, kExpiring), 0U);
  EXPECT_EQ(watched_->most_sendings(), 1U) << "a chunk was sent again beyond its lifetime";
  EXPECT_EQ(watched_->aborts(), 0U);

  client_->shutdown();

  ASSERT_TRUE(loop_.run_until([this] { return client_told_.closed && server_told_.closed; }, 30s));
  EXPECT_EQ(client_told_.closed->code, ErrorCode::Closed) << client_told_.closed->message;
  EXPECT_EQ(server_told_.closed->code, ErrorCode::Closed) << server_told_.closed->message;
}

constexpr OtherStack kEngine = OtherStack::Engine;
INSTANTIATE_TEST_SUITE_P(
    EngineAndKernel, EngineInteroperationTest,
    ::testing::Values(Encounter{kEngine, true, "0%"}, Encounter{kEngine, false, "0%"},
                      Encounter{kEngine, true, "1%"}, Encounter{kEngine, false, "1%"},
                      Encounter{kEngine, true, "10%"}, Encounter{kEngine, false, "10%"},
                      Encounter{kEngine, true, "25%"}, Encounter{kEngine, false, "25%"}));

}  // namespace
}  // namespace mayfly
