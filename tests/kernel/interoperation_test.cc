#include "tests/kernel/interoperation.h"

namespace mayfly {
namespace {

// More than so many of a hundred messages that live 60 ms, a pair each 10 ms, arrive. Without loss
// a busy machine may be late for some. With it, each lost retransmission stops everything for
// RTO.max, 400 ms or forty pairs: ten have been seen to arrive. A stack that forwards past what it
// should leaves none.
size_t least_expiring(const std::string& loss) { return loss == "0%" ? 50 : 0; }

TEST_P(InteroperationTest, ReliableMessagesArriveBesideExpiringOnesBothWays) {
  ASSERT_NO_FATAL_FAILURE(connect());
  hosts_.impair(0, {.delay = "10ms", .loss = GetParam().loss});

  constexpr uint32_t kRounds = 100;
  for (uint32_t i = 0; i < kRounds; ++i) {
    for (Association* each : {client_.get(), server_.get()}) {
      ASSERT_TRUE(each->send(message_of(kReliable, patterned(1000, i)), {}));
      ASSERT_TRUE(each->send(message_of(kExpiring, patterned(1000, i)),
                             {.ordered = false, .lifetime = 60ms, .priority = 1}));
    }
    (void)loop_.run_until([] { return false; }, 10ms);
  }
  ASSERT_TRUE(client_->send(message_of(kLarge, patterned(100'000, 7)), {}));
  ASSERT_TRUE(server_->send(message_of(kLarge, patterned(100'000, 8)), {}));

  ASSERT_TRUE(loop_.run_until(
      [&] { return count_on(client_told_, kLarge) == 1 && count_on(server_told_, kLarge) == 1; },
      20s));
  ASSERT_TRUE(loop_.run_until(
      [&] {
        return count_on(client_told_, kReliable) == kRounds &&
               count_on(server_told_, kReliable) == kRounds;
      },
      20s));
  for (const RecordingObserver* told : {&client_told_, &server_told_}) {
    uint32_t next = 0;
    for (const Message& each : told->messages) {
      if (each.stream == StreamId(kReliable)) {
        EXPECT_EQ(each.payload, patterned(1000, next++));
      }
    }
    EXPECT_GT(count_on(*told, kExpiring), least_expiring(GetParam().loss));
  }
  EXPECT_EQ(client_told_.closed, std::nullopt);
  EXPECT_EQ(server_told_.closed, std::nullopt);
}

TEST_P(InteroperationTest, ShutdownEndsBothSidesInGoodOrder) {
  ASSERT_NO_FATAL_FAILURE(connect());
  ASSERT_TRUE(client_->send(message_of(kReliable, patterned(50'000, 1)), {}));

  client_->shutdown();

  ASSERT_TRUE(loop_.run_until([&] { return client_told_.closed && server_told_.closed; }, 10s));
  EXPECT_EQ(client_told_.closed->code, ErrorCode::Closed) << client_told_.closed->message;
  EXPECT_EQ(server_told_.closed->code, ErrorCode::Closed) << server_told_.closed->message;
  EXPECT_EQ(count_on(server_told_, kReliable), 1U);
}

constexpr OtherStack kUsrsctp = OtherStack::Usrsctp;
INSTANTIATE_TEST_SUITE_P(UsrsctpAndKernel, InteroperationTest,
                         ::testing::Values(Encounter{kUsrsctp, true, "0%"},
                                           Encounter{kUsrsctp, true, "5%"},
                                           Encounter{kUsrsctp, false, "0%"},
                                           Encounter{kUsrsctp, false, "5%"}));

}  // namespace
}  // namespace mayfly
