#include "lab/oracle.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <bit>

#include "core/random.h"
#include "lab/verdict.h"
#include "tests/lab/traces.h"

namespace mayfly {
namespace {

Cell cell_of(double share, Duration delay, double loss) {
  Cell cell;
  cell.id = "test";
  cell.loss = BernoulliLoss{loss};
  cell.rtt = 40ms;
  cell.capacity = ShareOfMediaRate{share};
  cell.playout_delay = delay;
  return cell;
}

// Whether all the chosen frames can be there in time, sent one after the other.
bool is_feasible(const ClipTrace& clip, const ChannelLog& channel, const Cell& cell,
                 unsigned chosen) {
  std::vector<bool> flags(clip.size());
  for (size_t i = 0; i < clip.size(); ++i) flags[i] = (chosen >> i & 1U) != 0;
  if (decodable(clip, flags) != flags) return false;
  double used = 0;
  for (size_t i = 0; i < clip.size(); ++i) {
    if (!flags[i]) continue;
    used =
        std::max(used, channel.bytes_by(clip.due(i))) + static_cast<double>(clip.frames[i].bytes());
    if (used > channel.bytes_by(clip.due(i) + cell.playout_delay - cell.one_way())) return false;
  }
  return true;
}

// Every subset of the frames.
size_t by_brute_force(const ClipTrace& clip, const ChannelLog& channel, const Cell& cell) {
  size_t most = 0;
  for (unsigned chosen = 0; chosen < 1U << clip.size(); ++chosen) {
    const auto count = static_cast<size_t>(std::popcount(chosen));
    if (count > most && is_feasible(clip, channel, cell, chosen)) most = count;
  }
  return most;
}

TEST(OracleTest, AgreesWithBruteForceOnSmallClips) {
  Random random(11);
  size_t not_all = 0;
  const char* const patterns[] = {"IPBB", "IPBBPB", "IPP", "IBBPBB", "IPBPB"};
  for (int trial = 0; trial < 200; ++trial) {
    SyntheticShape shape;
    shape.pattern = patterns[random.between(0, 4)];
    shape.i_bytes = 12'000;
    shape.p_bytes = 5'000;
    shape.b_bytes = 2'000;
    shape.size_spread = 0.6;
    shape.pictures = 11;
    shape.seed = random.bits();
    const ClipTrace clip = trace_of(shape);
    const Duration delay(static_cast<int64_t>(random.between(60'000, 260'000)));
    const Cell cell = cell_of(0.4 + random.uniform(), delay, random.uniform() * 0.3);
    const ChannelLog channel(cell, clip.media_rate(), random.bits(), 2s);

    const size_t most = most_frames_shown(clip, channel, cell.one_way(), delay);
    ASSERT_EQ(most, by_brute_force(clip, channel, cell)) << "trial " << trial;
    if (most > 0 && most < clip.size()) ++not_all;
  }
  EXPECT_GT(not_all, 80U) << "the cases were too easy or impossible";
}

TEST(OracleTest, ShowsEverythingWhereThereIsRoomAndNothingWhereThereIsNone) {
  const ClipTrace clip = trace_of(street_shape(200));
  const auto most = [&clip](double share, Duration delay) {
    const Cell cell = cell_of(share, delay, 0);
    const ChannelLog channel(cell, clip.media_rate(), 1, clip.length() + delay);
    return most_frames_shown(clip, channel, cell.one_way(), delay);
  };
  EXPECT_EQ(most(8, 400ms), clip.size());
  EXPECT_EQ(most(1, 30ms), 0U);  // no I frame is through in 10 ms
}

// A link for .74 of the rate shows more than .74 of the frames, as it may leave out the costly
// ones, and less when more of the rate is I frames that everything needs.
TEST(OracleTest, UnderOverloadItLeavesOutWhatCostsMost) {
  const ClipTrace clip = trace_of(street_shape(1000));
  const Cell cell = cell_of(0.74, 1s, 0);
  const ChannelLog channel(cell, clip.media_rate(), 1, clip.length() + 1s);
  const double share = static_cast<double>(most_frames_shown(clip, channel, 20ms, 1s)) /
                       static_cast<double>(clip.size());
  EXPECT_GT(share, 0.74);
  EXPECT_LT(share, 0.85);
}

}  // namespace
}  // namespace mayfly
