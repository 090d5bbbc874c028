// What must hold on any link, whatever the seed.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <map>

#include "core/random.h"
#include "tests/simulation/clips.h"
#include "tests/simulation/session_run.h"

namespace mayfly {
namespace {

using ::testing::Each;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::PrintToString;

// A link between good and hardly usable.
std::string link_of(Random& random) {
  std::string link = fmt::format("delay={}ms", random.between(1, 120));
  if (random.chance(0.8)) {
    link += fmt::format(",loss={:.2f}%", random.uniform() * 12);
    // In time, as a burst of packets would outlast any handshake.
    if (random.chance(0.4)) link += fmt::format(",burst={}ms", random.between(5, 150));
  }
  if (random.chance(0.3)) link += fmt::format(",jitter={}ms,reorder=on", random.between(1, 40));
  if (random.chance(0.5)) {
    link += fmt::format(",rate={}kbit/s,queue={}ms", random.between(200, 3000),
                        random.between(30, 500));
  }
  if (random.chance(0.2)) link += ",duplicate=2%";
  if (random.chance(0.2)) link += fmt::format(",outage=2s+{}ms", random.between(100, 1500));
  return link;
}

bool is_in_decode_order(const std::vector<Frame>& frames) {
  std::map<TrackId, uint32_t> next;
  for (const Frame& each : frames) {
    if (each.number.value() < next[each.track]) return false;
    next[each.track] = each.number.value() + 1;
  }
  return true;
}

class SoakTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(SoakTest, KeepsItsBooksAndNeverShowsAWrongByteOnAnyLink) {
  constexpr uint64_t kRuns = 8;
  for (uint64_t run = 0; run < kRuns; ++run) {
    const uint64_t seed = GetParam() * 1000 + run;
    Random random(seed);
    SyntheticShape clip = random.chance(0.5) ? megabit_clip(seed) : half_megabit_clip(seed);
    clip.pictures = 125;
    clip.with_audio = random.chance(0.5);
    const auto names = policy_names();
    const auto policy = *named_policy(names[random.between(0, names.size() - 1)]);
    // A stock stack that receives fragments of a message given up half-way takes them, about once
    // in a thousand such runs, for a protocol violation and aborts; so only where nothing expires.
    const bool in_pieces = policy != all_reliable() || random.chance(0.5);
    const Outcome outcome =
        SessionRun()
            .media(clip)
            .link(link_of(random))
            .policy(policy)
            .messages(in_pieces ? MessageForm::Pieces : MessageForm::Frame)
            .playout_delay(Duration(static_cast<int64_t>(1000 * random.between(50, 1500))))
            .seeded(seed)
            .play();
    SCOPED_TRACE(PrintToString(outcome) + (in_pieces ? "in pieces" : "in frames"));

    EXPECT_TRUE(outcome.was_good()) << outcome.error();
    EXPECT_THAT(outcome.wrong, IsEmpty());
    EXPECT_TRUE(states_sum_to_sent(outcome));
    EXPECT_EQ(outcome.sum(&ClassFates::sent), 125U + (clip.with_audio ? 250U : 0U));
    EXPECT_TRUE(is_in_decode_order(outcome.shown));
    EXPECT_THAT(outcome.lateness, Each(Ge(0us)));
    ASSERT_TRUE(outcome.left);
    EXPECT_EQ(outcome.left->code, ErrorCode::Closed) << outcome.left->message;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SoakTest, ::testing::Values(1, 2, 3, 4));

}  // namespace
}  // namespace mayfly
