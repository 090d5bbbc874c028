#include "telemetry/playback_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

#include "telemetry/html.h"
#include "telemetry/playback_charts.h"
#include "tests/telemetry/playback_samples.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<PlaybackStats> two_playouts() {
  PlaybackStats reliable = a_playout();
  reliable.policy = "all-reliable";
  reliable.of(FrameClass::P) = {.sent = 90, .on_time = 20, .late = 70};
  return {a_playout(), reliable};
}

size_t count_of(std::string_view text, std::string_view pattern) {
  size_t count = 0;
  for (size_t at = text.find(pattern); at != text.npos; at = text.find(pattern, at + 1)) ++count;
  return count;
}

// The sum of the widths of the marks whose title begins with `bar`, in SVG units.
double width_of(const std::string& chart, const std::string& bar) {
  double sum = 0;
  const std::string title = "<title>" + bar + ":";
  for (size_t at = chart.find(title); at != chart.npos; at = chart.find(title, at + 1)) {
    constexpr std::string_view kWidth = "width=\"";
    sum += std::stod(chart.substr(chart.rfind(kWidth, at) + kWidth.size()));
  }
  return sum;
}

TEST(HtmlTest, EscapesWhatWouldBeMarkup) {
  EXPECT_EQ(html_escaped("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
}

TEST(HtmlTest, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(html_escaped("\xc3\xa4 \xff \xc3"), "\xc3\xa4 \xef\xbf\xbd \xef\xbf\xbd");
  EXPECT_EQ(html_escaped("\xc0\xbc"), "\xef\xbf\xbd\xef\xbf\xbd");  // '<', overlong
  EXPECT_EQ(html_escaped("a\x1b"), "a?");
}

TEST(PlaybackChartsTest, DrawsEveryClassAsLongAsAllItsFrames) {
  const std::string chart = fates_chart(two_playouts());

  EXPECT_NEAR(width_of(chart, "class p, prioritised"), 470, 1);
  EXPECT_NEAR(width_of(chart, "class p, all-reliable"), 470, 1);
  EXPECT_NEAR(width_of(chart, "class i, prioritised"), 470, 1);
  EXPECT_THAT(chart, HasSubstr("class p, all-reliable: 70 late of 90 (77.8%)"));
}

TEST(PlaybackChartsTest, LeavesOutClassesThatWereNotSent) {
  EXPECT_THAT(fates_chart({a_playout()}), Not(HasSubstr("audio")));
  EXPECT_THAT(latency_chart({a_playout()}), Not(HasSubstr("class p")));
}

TEST(PlaybackChartsTest, NamesTheTransportWhereItDiffers) {
  std::vector<PlaybackStats> playouts = two_playouts();
  EXPECT_EQ(playout_label(playouts, 1), "all-reliable");

  playouts[1].transport = "kernel";
  EXPECT_EQ(playout_label(playouts, 1), "all-reliable, kernel");
}

TEST(PlaybackReportTest, HoldsTheNumbersOfEveryPlayout) {
  const std::string html =
      html_report({.title = "demo", .command = "./samples/demo", .playouts = two_playouts()});

  EXPECT_EQ(count_of(html, "<svg "), 2U);
  EXPECT_THAT(html, HasSubstr("<td>all-reliable</td><td>p</td><td>90</td><td>20</td><td>70</td>"));
  EXPECT_THAT(html, HasSubstr("<td>prioritised</td><td>0.8750</td>"));
  EXPECT_THAT(html, HasSubstr("loss=3%,delay=20ms,seed=7"));
  EXPECT_THAT(html, HasSubstr("./samples/demo"));
}

TEST(PlaybackReportTest, ShowsStreamsPathsAndEvents) {
  PlaybackStats stats = a_playout();
  stats.association.paths[0].address = "<i>";
  const std::string html = html_report({.title = "t", .command = "", .playouts = {stats}});

  EXPECT_THAT(html, HasSubstr("<td>2</td><td>p</td><td>345</td><td>240045</td><td>0</td><td>0</td>"
                              "<td>46</td><td>47</td>"));
  EXPECT_THAT(html, HasSubstr("<td>up, primary</td><td>48 ms</td><td>149 ms</td><td>15050</td>"));
  EXPECT_THAT(html, HasSubstr("<td>path-unreachable</td><td>52</td>"));
  EXPECT_EQ(count_of(html, "<i>"), 0U);
}

TEST(PlaybackReportTest, AsksTheNetworkForNothing) {
  const std::string html = html_report({.title = "t", .command = "", .playouts = two_playouts()});

  for (const char* request : {"src=", "href=", "url(", "@import", "http://", "https://"}) {
    EXPECT_EQ(count_of(html, request), 0U) << request;
  }
}

TEST(PlaybackReportTest, DoesNotLetAClipsNameBecomeMarkup) {
  PlaybackStats stats = a_playout();
  stats.clip = "<script>alert(1)</script>";
  stats.policy = "\"><img>";

  const std::string html = html_report({.title = "<b>", .command = "<i>", .playouts = {stats}});

  for (const char* markup : {"<script", "<img", "<b>", "<i>"}) {
    EXPECT_EQ(count_of(html, markup), 0U) << markup;
  }
}

TEST(PlaybackReportTest, IsAPageEvenWhenNothingWasPlayed) {
  EXPECT_THAT(html_report({.title = "empty", .command = "", .playouts = {}}), HasSubstr("</html>"));
  EXPECT_THAT(html_report({.title = "empty", .command = "", .playouts = {PlaybackStats{}}}),
              HasSubstr("</html>"));
}

}  // namespace
}  // namespace mayfly
