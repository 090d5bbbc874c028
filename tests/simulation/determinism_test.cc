#include <gmock/gmock.h>

#include "tests/simulation/clips.h"
#include "tests/simulation/session_run.h"

namespace mayfly {
namespace {

Outcome run_of(uint64_t seed, const DeliveryPolicy& policy) {
  return SessionRun()
      .media(half_megabit_clip())
      .link("loss=5%,delay=30ms,jitter=4ms,rate=1500kbit/s,queue=200ms")
      .policy(policy)
      .seeded(seed)
      .play();
}

TEST(DeterminismTest, TheSameSeedGivesTheSamePacketsAndTheSameFramesAtTheSameMoments) {
  for (const DeliveryPolicy& policy : {prioritised(), all_reliable()}) {
    SCOPED_TRACE(policy.name);
    const Outcome first = run_of(11, policy);
    const Outcome again = run_of(11, policy);

    EXPECT_EQ(again.packets_digest, first.packets_digest);
    EXPECT_EQ(again.frames_digest, first.frames_digest);
    EXPECT_EQ(again.story, first.story);
    EXPECT_EQ(again.table(), first.table());
    EXPECT_GT(first.shown.size(), 100U);
  }
}

TEST(DeterminismTest, AnotherSeedGivesOtherPackets) {
  const Outcome one = run_of(11, prioritised());
  const Outcome other = run_of(12, prioritised());

  EXPECT_NE(other.packets_digest, one.packets_digest);
  EXPECT_NE(other.frames_digest, one.frames_digest);
}

}  // namespace
}  // namespace mayfly
