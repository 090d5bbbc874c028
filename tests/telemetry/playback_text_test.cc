#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <sstream>

#include "telemetry/live_line.h"
#include "telemetry/playback_fates.h"
#include "telemetry/playback_table.h"
#include "telemetry/text.h"
#include "tests/telemetry/playback_samples.h"

namespace mayfly {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

TEST(TextTest, CutsBetweenCodePointsOnly) {
  EXPECT_EQ(fitted("kurz", 4), "kurz");
  EXPECT_EQ(fitted("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 4), "\xc3\xa4...");
  EXPECT_EQ(fitted("abcdef", 2), "..");
  EXPECT_EQ(fitted("abcdef", 0), "");
}

TEST(TextTest, DoesNotLetAClipsNameSteerTheTerminal) {
  EXPECT_EQ(fitted("a\x1b[2Jb\n", 80), "a?[2Jb?");
}

TEST(TextTest, KeepsCountsWithinSixColumns) {
  EXPECT_EQ(count_text(999'999), "999999");
  EXPECT_EQ(count_text(1'234'567), "1.23M");
  EXPECT_EQ(count_text(999'999'999), "1G");
  EXPECT_LE(count_text(std::numeric_limits<uint64_t>::max()).size(), 6U);
}

TEST(TextTest, NeverRoundsASharesToAllOrNothing) {
  EXPECT_EQ(share_text(99'999, 100'000), "99.9%");
  EXPECT_EQ(share_text(1, 100'000), "0.1%");
  EXPECT_EQ(share_text(100'000, 100'000), "100.0%");
  EXPECT_EQ(share_text(0, 5), "0.0%");
  EXPECT_EQ(share_text(0, 0), "-");
}

TEST(TextTest, WritesMediaTimeAsAClock) {
  EXPECT_EQ(media_time_text(7s), "0:07");
  EXPECT_EQ(media_time_text(754s), "12:34");
  EXPECT_EQ(media_time_text(3723s), "1:02:03");
}

TEST(PlaybackTableTest, HasARowPerClassThatWasSentAndOneForAll) {
  const std::vector<std::string> lines = lines_of(playback_table(a_playout()));

  ASSERT_EQ(lines.size(), 10U);
  EXPECT_THAT(words_of(lines[5]), ::testing::ElementsAre("i", "10", "10", "100.0%", "0", "0", "0",
                                                         "0", "0", "42", "91"));
  EXPECT_THAT(words_of(lines[6]),
              ::testing::ElementsAre("p", "90", "70", "77.8%", "7", "6", "4", "2", "1", "-", "-"));
  EXPECT_THAT(lines[7], StartsWith("b "));
  EXPECT_THAT(words_of(lines[8]), ::testing::ElementsAre("all", "200", "175", "87.5%", "7", "6",
                                                         "4", "7", "1", "34", "80"));
}

TEST(PlaybackTableTest, SaysWhatAViewerSaw) {
  EXPECT_THAT(playback_table(a_playout()),
              HasSubstr("q 0.8750, first picture after 180 ms, 2 freezes (longest 310 ms, 500 ms "
                        "in all)\n"));
}

TEST(PlaybackTableTest, FitsATerminalHoweverLargeTheNumbersAndNames) {
  PlaybackStats stats = a_playout();
  constexpr uint64_t kHuge = std::numeric_limits<uint64_t>::max() / 8;
  for (ClassFates& each : stats.classes) {
    each.sent = kHuge;
    for (const FateColumn& column : kFateColumns) each.*column.count = kHuge;
  }
  stats.clip = stats.impairment = stats.policy = std::string(300, 'x');
  stats.latency.p95 = 1h;

  for (const std::string& line : lines_of(playback_table(stats))) {
    EXPECT_LE(columns_of(line), 80U) << line;
  }
}

TEST(LiveLineTest, ShowsTheRateSinceTheLineBefore) {
  PlaybackStats before = a_playout();
  PlaybackStats now = before;
  now.bytes_received += 125'000;

  EXPECT_THAT(live_line(now, before, 500ms, 80),
              AllOf(StartsWith("0:08"), HasSubstr("2.00 Mbit/s"), HasSubstr("on time 87.5%"),
                    HasSubstr("abandoned 10 (p 6+4)"), HasSubstr("missing 8")));
}

TEST(LiveLineTest, LeavesOutWholeFieldsRatherThanWrap) {
  const PlaybackStats stats = a_playout();
  const std::string narrow = live_line(stats, stats, 1s, 32);

  EXPECT_LE(narrow.size(), 32U);
  EXPECT_THAT(narrow, EndsWith("on time 87.5%"));
  EXPECT_EQ(live_line(stats, stats, 0s, 0), "");
}

TEST(LiveLineTest, RewritesItselfOnATerminalAFewTimesASecond) {
  LiveLine live({.rewrites = true});
  const Timestamp start(1s);

  EXPECT_EQ(live.update(a_playout(), start), std::nullopt);
  EXPECT_EQ(live.update(a_playout(), start + 249ms), std::nullopt);
  const std::optional<std::string> line = live.update(a_playout(), start + 250ms);
  ASSERT_TRUE(line.has_value());
  EXPECT_THAT(*line, AllOf(StartsWith("\r0:08"), EndsWith("\x1b[K"), Not(HasSubstr("\n"))));
  EXPECT_LT(line->size() - 4, 80U);
  EXPECT_EQ(live.end(), "\n");
  EXPECT_EQ(live.end(), "");
}

TEST(LiveLineTest, IsAPlainLineEveryFewSecondsInALog) {
  LiveLine live({.rewrites = false});
  const Timestamp start(1s);

  EXPECT_EQ(live.update(a_playout(), start), std::nullopt);
  EXPECT_EQ(live.update(a_playout(), start + 4999ms), std::nullopt);
  const std::optional<std::string> line = live.update(a_playout(), start + 5s);
  ASSERT_TRUE(line.has_value());
  EXPECT_THAT(*line, AllOf(EndsWith("\n"), Not(HasSubstr("\r")), Not(HasSubstr("\x1b"))));
  EXPECT_EQ(live.end(), "");
}

}  // namespace
}  // namespace mayfly
